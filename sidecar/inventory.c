// SPDX-License-Identifier: MIT
#include "inventory.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fleet.h"
#include "marks.h"

/* One NAME-hvm.cfg or NAME-hvm.xml of ours, by the marks at its end. */
struct made {
    char *path, *name, *iso;
    struct hash key;
    char *boot, *from, **with;
    size_t n_with;
};

struct sum {
    dev_t dev;
    ino_t ino;
    struct hash h;
};

/* Content of the ISOs, each read once for all guests that share it. */
static struct sum *sums;
static size_t n_sums;

/* False if the file isn't one of ours. */
static bool read_made(const char *dir, const char *file, struct made *m)
{
    struct buf text = {0};
    size_t len = strlen(file);

    *m = (struct made){.path = xasprintf("%s/%s", dir, file)};
    if (len <= 8 || (!ends_with(file, "-hvm.cfg") && !ends_with(file, "-hvm.xml")) ||
        read_file(m->path, &text))
        return false;
    buf_adds(&text, "");
    m->name = xasprintf("%.*s", (int)len - 8, file);
    for (const char *l = (char *)text.data; l && *l; l = strchr(l, '\n')) {
        char *s;

        l += *l == '\n';
        if ((s = mark_value(l, "key")) && strlen(s) == 64)
            memcpy(m->key.hex, s, 65);
        else if ((s = mark_value(l, "boot")))
            m->boot = s;
        else if ((s = mark_value(l, "iso")))
            m->iso = s;
        else if ((s = mark_value(l, "from")))
            m->from = s;
        else if ((s = mark_value(l, "with"))) {
            m->with = xrealloc(m->with, (m->n_with + 1) * sizeof(*m->with));
            m->with[m->n_with++] = s;
        }
    }
    buf_free(&text);
    return *m->key.hex && m->boot && m->iso && m->from;
}

/* All of them, or those that opt->args name. */
static struct made *read_all(const struct options *opt, size_t *count)
{
    struct dirent **names;
    int n = scandir(opt->out_dir, &names, NULL, alphasort);
    struct made *all = xcalloc(n > 0 ? (size_t)n : 1, sizeof(*all)), m;
    bool *seen = xcalloc(opt->n_args + 1, sizeof(*seen));

    if (n < 0)
        die(EXIT_ENVIRONMENT, "%s: %s", opt->out_dir, strerror(errno));
    *count = 0;
    for (int i = 0; i < n; i++) {
        bool wanted = !opt->n_args;

        if (!read_made(opt->out_dir, names[i]->d_name, &m))
            continue;
        for (size_t k = 0; k < opt->n_args; k++)
            if (!strcmp(opt->args[k], m.name))
                wanted = seen[k] = true;
        if (wanted)
            all[(*count)++] = m;
    }
    for (size_t k = 0; k < opt->n_args; k++)
        if (!seen[k])
            die(EXIT_GUEST, "%s: no %s-hvm.cfg or -hvm.xml of ours in %s", opt->args[k],
                opt->args[k], opt->out_dir);
    free(seen);
    return all;
}

static struct hash *keys_of(const struct made *all, size_t n)
{
    struct hash *keys = xcalloc(n + 1, sizeof(*keys));

    for (size_t i = 0; i < n; i++)
        keys[i] = all[i].key;
    return keys;
}

int inventory_list(const struct options *opt)
{
    struct store s;
    size_t n, width = 5;
    struct made *all = read_all(opt, &n);
    uint64_t bytes;

    store_open(&s, opt->out_dir, false);
    for (size_t i = 0; i < n; i++)
        width = strlen(all[i].name) > width ? strlen(all[i].name) : width;
    printf("%-*s  %-9s  %-12s  %8s  %6s  %s\n", (int)width, "GUEST", "BOOT", "SIDECAR", "MIB",
           "GUESTS", "CONFIG");
    for (size_t i = 0; i < n; i++) {
        struct stat st;
        size_t sharing = 0;
        char *iso = xasprintf("%s/%s", opt->out_dir, all[i].iso);

        for (size_t k = 0; k < n; k++)
            sharing += !strcmp(all[k].key.hex, all[i].key.hex);
        printf("%-*s  %-9s  %.12s  %8.1f  %6zu  %s\n", (int)width, all[i].name, all[i].boot,
               all[i].key.hex, stat(iso, &st) ? 0.0 : (double)st.st_size / 1048576, sharing,
               all[i].from);
        free(iso);
    }
    n = opt->n_args ? 0 : store_prune(&s, keys_of(all, n), n, true, &bytes);
    if (n)
        printf("%zu sidecar%s (%.1f MiB) used by no guest; see --prune\n", n, n > 1 ? "s" : "",
               (double)bytes / 1048576);
    return EXIT_DONE;
}

int inventory_prune(const struct options *opt)
{
    struct store s;
    uint64_t bytes;
    size_t n;
    struct made *all = read_all(opt, &n);

    store_open(&s, opt->out_dir, false);
    n = store_prune(&s, keys_of(all, n), n, opt->dry_run, &bytes);
    if (!opt->quiet)
        printf("%zu sidecar%s (%.1f MiB) %s\n", n, n == 1 ? "" : "s", (double)bytes / 1048576,
               opt->dry_run ? "would be removed" : "removed");
    return EXIT_DONE;
}

static const struct sum *sum_of(const char *path)
{
    struct stat st;
    struct hash h;

    if (stat(path, &st))
        return NULL;
    for (size_t i = 0; i < n_sums; i++)
        if (sums[i].dev == st.st_dev && sums[i].ino == st.st_ino)
            return &sums[i];
    errno = hash_anew(path, &h);
    if (errno)
        return NULL;
    sums = xrealloc(sums, (n_sums + 1) * sizeof(*sums));
    sums[n_sums] = (struct sum){st.st_dev, st.st_ino, h};
    return &sums[n_sums++];
}

/* What differs between the recipe of old and the one of now, in words. */
static char *changes(const struct plan *p, const struct hash *old)
{
    static const char *const words[] = {"shim",    "shim-cmdline", "kernel", "pvgrub",  "initrd",
                                        "cmdline", "packing",      "grub",   "xorriso", "date"};
    struct buf b = {0};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        char *was = store_says(&p->store, old, words[i]);
        char *line = xasprintf("%s %s\n", words[i], was ? was : "");

        if (was && !strstr((char *)p->recipe.text.data, line))
            buf_addf(&b, "%s%s", b.len ? ", " : "", words[i]);
        free(was);
        free(line);
    }
    return b.len ? (char *)b.data : xstrdup("what it is made of");
}

static void verify(struct job *j, const struct options *given)
{
    struct options opt = {.out_dir = given->out_dir,
                          .packing = PACK_DEFAULT,
                          .shim_cmdline = "",
                          .shim = given->shim,
                          .dry_run = true};
    struct made m;
    struct plan p = {0};
    struct buf now = {0};
    const struct sum *sum;
    char *file = strrchr(j->path, '/') + 1, *wanted;

    if (!read_made(given->out_dir, file, &m))
        die(EXIT_GUEST, "%s: gone meanwhile", j->path);
    snprintf(j->rep->guest, sizeof(j->rep->guest), "%s", m.name);
    for (size_t i = 0; i < m.n_with; i++)
        if (!options_recall(&opt, m.with[i]))
            die(EXIT_GUEST, "%s: '%s' at its end is no option of ours; make it again", m.path,
                m.with[i]);
    convert_plan(m.from, &opt, false, &p, j->rep);
    if (strcmp(p.guest.name, m.name))
        die(EXIT_GUEST, "%s: names '%s' now; make it again", m.from, p.guest.name);
    if (strcmp(p.recipe.key.hex, m.key.hex))
        die(EXIT_GUEST, "changed since: %s; make it again", changes(&p, &m.key));
    if (read_file(m.path, &now) || now.len != p.hvm.len || memcmp(now.data, p.hvm.data, now.len))
        die(EXIT_GUEST, "changed since: the config; make it again (--dry-run shows what)");
    sum = sum_of(xasprintf("%s/%s", opt.out_dir, m.iso));
    if (!sum)
        die(EXIT_GUEST, "%s/%s: %s; make it again", opt.out_dir, m.iso, strerror(errno));
    wanted = store_says(&p.store, &m.key, "iso-sha256");
    if (!wanted || strcmp(wanted, sum->h.hex))
        die(EXIT_GUEST, "%s: %s; make it again with --rebuild", m.iso,
            wanted ? "is damaged" : "the store doesn't know it");
    snprintf(j->rep->result, sizeof(j->rep->result), "fits");
}

int inventory_verify(const struct options *opt)
{
    size_t n;
    struct made *all = read_all(opt, &n);
    struct job *jobs = jobs_new(n);

    for (size_t i = 0; i < n; i++) {
        jobs[i].path = all[i].path;
        sum_of(xasprintf("%s/%s", opt->out_dir, all[i].iso));
    }
    jobs_run(jobs, n, opt, verify);
    return jobs_table(jobs, n, opt, NULL, 0);
}
