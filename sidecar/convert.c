// SPDX-License-Identifier: MIT
#include "convert.h"

#include <stdio.h>

#include "install.h"
#include "make.h"
#include "newcfg.h"

static void say(const struct plan *p)
{
    const char *os = store_says(&p->store, &p->recipe.key, "os");
    const char *unpacked = store_says(&p->store, &p->recipe.key, "unpacked");
    long more = hvm_memory_more(&p->guest);

    printf("%s: %s/%s and %s; %s kernel%s%s, memory %ld MiB + %ld for the shim\n", p->guest.name,
           p->dir, p->iso_name, p->cfg_name, os ? os : "PV", unpacked ? " from " : "",
           unpacked ? unpacked : "", p->guest.memory, more);
}

void convert(const char *path, const struct options *opt, struct report *rep)
{
    struct plan p = {0};
    bool had;
    const char *result;

    convert_plan(path, opt, !opt->dry_run && !opt->print, &p, rep);
    if (opt->print) {
        fwrite(p.hvm.data, 1, p.hvm.len, stdout);
        return;
    }
    if (opt->dry_run) {
        bool change = plan_diff(xasprintf("%s/%s", p.dir, p.cfg_name), &p.hvm);

        snprintf(rep->result, sizeof(rep->result), "%s", change ? "would change" : "same");
        return;
    }
    newcfg_check_options(&p);
    had = !opt->rebuild && store_has(&p.store, &p.recipe.key);
    if (had)
        output_sweep(p.store.dir, xasprintf("%s.tmp", p.recipe.key.hex));
    else
        sidecar_make(&p, opt);
    result = plan_install(&p);
    snprintf(rep->result, sizeof(rep->result), "%s", had ? result : "made");
    if (opt->quiet || opt->all)
        return;
    say(&p);
}
