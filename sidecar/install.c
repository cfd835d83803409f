// SPDX-License-Identifier: MIT
#include "install.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool.h"

/* Whether both outputs stand there as they would be written. */
static bool same(const struct plan *p)
{
    struct stat a, b;
    struct buf old = {0};
    char *ours = store_path(&p->store, &p->recipe.key);
    bool is = !stat(ours, &a) && !stat(xasprintf("%s/%s", p->dir, p->iso_name), &b) &&
              a.st_ino == b.st_ino && a.st_dev == b.st_dev &&
              !read_file(xasprintf("%s/%s", p->dir, p->cfg_name), &old) && old.len == p->hvm.len &&
              !memcmp(old.data, p->hvm.data, old.len);

    free(ours);
    buf_free(&old);
    return is;
}

const char *plan_install(struct plan *p)
{
    char *work = xasprintf(".%s-sidecar.tmp", p->guest.name);
    struct output o;

    if (same(p)) {
        output_sweep(p->dir, work);
        return "same";
    }
    output_begin(&o, p->dir, work);
    if (!output_lock(&o, false))
        die(EXIT_GUEST, "%s: another mk-sidecar is making this sidecar; wait for it",
            p->guest.name);
    store_link(&p->store, &p->recipe.key, &o, "iso");
    output_write(&o, "cfg", p->hvm.data, p->hvm.len);
    if (p->guest.toolstack == TOOLSTACK_XL)
        xl_check(&o, "cfg", p->guest.name);
    /* The ISO first: a config never names a sidecar that isn't there. */
    output_commit(&o, "iso", p->iso_name);
    output_commit(&o, "cfg", p->cfg_name);
    output_end(&o);
    return "linked";
}

bool plan_diff(const char *old, const struct buf *new)
{
    FILE *f;
    int status;

    setenv("OLD", old, 1);
    setenv("FROM", access(old, R_OK) ? "/dev/null" : old, 1);
    fflush(stdout);
    f = popen("diff -u --label \"$OLD\" --label \"$OLD\" -- \"$FROM\" -", "w");
    if (!f || fwrite(new->data, 1, new->len, f) != new->len)
        die(EXIT_ENVIRONMENT, "can't run diff: %s", strerror(errno));
    status = pclose(f);
    if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
        die(EXIT_ENVIRONMENT, "diff failed; install diffutils");
    return WEXITSTATUS(status);
}
