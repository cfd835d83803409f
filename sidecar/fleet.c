// SPDX-License-Identifier: MIT
/* Which configs --all means, and what each job does. */
#include "fleet.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cfgfile.h"
#include "marks.h"

struct config {
    char *path, *real, *name; /* name: as the file says, or NULL */
    bool pv;
};

/* In /etc/xen lie, beside the guests' configs, Xen's examples and what editors and package managers
 * have put aside. */
static const char *const examples[] = {"xlexample", "xmexample"};
static const char *const backups[] = {"~",        ".bak",      ".old",      ".orig",
                                      ".save",    ".dpkg-old", ".dpkg-new", ".dpkg-dist",
                                      ".rpmsave", ".rpmnew",   ".rpmorig",  ".swp"};

struct list {
    struct config *v;
    size_t n;
    struct buf passed; /* a line for each file that is no config of a guest's */
    size_t n_passed;
};

static const char *put_aside(const char *path)
{
    const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;

    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
        if (!strncmp(base, examples[i], strlen(examples[i])))
            return "an example of Xen's";
    for (size_t i = 0; i < sizeof(backups) / sizeof(backups[0]); i++)
        if (ends_with(base, backups[i]))
            return "put aside by an editor or a package manager";
    return NULL;
}

static void pass_over(struct list *l, const char *path, const char *why)
{
    l->n_passed++;
    buf_addf(&l->passed, "passed over: %s: %s\n", path, why);
}

/* Add a config, but only once if it has several names (links in /etc/xen/auto). In a directory,
 * only what is a domain's config and not one of ours. */
static void add(struct list *l, const char *path, bool found)
{
    struct config c = {.path = xstrdup(path), .real = realpath(path, NULL), .pv = true};
    struct buf text = {0};
    struct cfg_look look;
    const char *why = found ? put_aside(path) : NULL;

    if (why) {
        pass_over(l, path, why);
        return;
    }
    for (size_t i = 0; c.real && i < l->n; i++)
        if (l->v[i].real && !strcmp(l->v[i].real, c.real))
            return;
    why = cfgfile_read(path, &text);
    if (!why) {
        buf_adds(&text, "");
        look = cfgfile_look(path, &text);
        c.name = look.name;
        c.pv = look.pv;
        if (marks_ours((char *)text.data))
            why = "made by mk-sidecar";
        else if (!look.domain && !ends_with(path, ".cfg"))
            why = "not a domain's config";
    } else if (ends_with(path, ".cfg") || access(path, R_OK)) {
        why = NULL; /* it may be one: its job will say what's the matter */
    }
    buf_free(&text);
    if (found && why) {
        pass_over(l, path, why);
        return;
    }
    l->v = xrealloc(l->v, (l->n + 1) * sizeof(c));
    l->v[l->n++] = c;
}

static int not_hidden(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

static void collect(struct list *l, const char *arg)
{
    struct dirent **names;
    struct stat st;
    int n;

    if (stat(arg, &st))
        die(EXIT_USAGE, "%s: %s; --all takes configs and directories", arg, strerror(errno));
    if (!S_ISDIR(st.st_mode)) {
        add(l, arg, false);
        return;
    }
    n = scandir(arg, &names, not_hidden, alphasort);
    if (n < 0)
        die(EXIT_ENVIRONMENT, "%s: %s", arg, strerror(errno));
    for (int i = 0; i < n; i++) {
        char *path = xasprintf("%s/%s", arg, names[i]->d_name);

        if (stat(path, &st) || !S_ISDIR(st.st_mode))
            add(l, path, true);
        free(path);
        free(names[i]);
    }
    free(names);
}

static void work(struct job *j, const struct options *opt)
{
    convert(j->path, opt, j->rep);
}

/* One line for what would stop every guest, instead of one for each. */
static void check_place(const struct options *opt)
{
    struct store s;

    if (access(opt->out_dir, F_OK))
        die(EXIT_ENVIRONMENT, "%s: %s; make the directory first", opt->out_dir, strerror(errno));
    if (!opt->dry_run)
        store_open(&s, opt->out_dir, true);
    if (opt->medium != MEDIUM_FIRMWARE)
        iso_check_tools();
}

int fleet_convert(const struct options *opt)
{
    struct list l = {0};
    struct job *jobs;

    check_place(opt);
    for (size_t i = 0; i < opt->n_args; i++)
        collect(&l, opt->args[i]);
    if (!l.n) {
        if (l.n_passed && !opt->quiet)
            fputs((char *)l.passed.data, stdout);
        die(EXIT_GUEST, "no configs there: files *.cfg, or others that set name=, memory= and the "
                        "like, but for our own");
    }
    jobs = jobs_new(l.n);
    for (size_t i = 0; i < l.n; i++) {
        const struct config *c = &l.v[i];

        jobs[i].path = c->path;
        if (!c->pv) {
            jobs[i].status = EXIT_SKIPPED;
            jobs[i].reason = xstrdup("not a PV guest");
        }
        for (size_t k = 0; k < l.n && c->pv && c->name; k++) {
            if (k == i || !l.v[k].pv || !l.v[k].name || strcmp(l.v[k].name, c->name))
                continue;
            /* Whoever came last would have won. */
            jobs[i].status = EXIT_GUEST;
            jobs[i].reason = xasprintf("%s and %s are both called '%s'; rename one", c->path,
                                       l.v[k].path, c->name);
            break;
        }
    }
    jobs_run(jobs, l.n, opt, work);
    return jobs_table(jobs, l.n, opt, l.n_passed ? (char *)l.passed.data : NULL, l.n_passed);
}
