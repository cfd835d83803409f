// SPDX-License-Identifier: MIT
/* What convert.h calls a plan: the config is read and all that it names is looked at. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cfgfile.h"
#include "convert.h"
#include "marks.h"
#include "newcfg.h"
#include "pvgrub.h"
#include "reuse.h"

static struct hash hash_of(const char *path, int (*f)(const char *, struct hash *))
{
    struct hash h;
    int err = f(path, &h);

    if (err)
        die(EXIT_ENVIRONMENT, "%s: %s", path, strerror(err));
    return h;
}

/* All that the ISO's bytes depend on. */
static void write_recipe(struct plan *p, const struct options *opt)
{
    const struct guest *g = &p->guest;
    struct recipe *r = &p->recipe;
    const char *date = getenv("SOURCE_DATE_EPOCH");

    r->text.len = 0;
    recipe_add(r, "shim", hash_of(opt->shim, hash_file).hex);
    recipe_add(r, "shim-cmdline", opt->shim_cmdline);
    if (g->boot == BOOT_UNIVERSAL)
        recipe_add(r, "pvgrub", pvgrub_identity(g).hex);
    else
        recipe_add(r, "kernel", g->kernel_hash.hex);
    recipe_add(r, "initrd", g->ramdisk_path ? g->ramdisk_hash.hex : "none");
    recipe_add(r, "cmdline", g->cmdline);
    recipe_add(r, "packing", iso_packing(opt->packing));
    recipe_add(r, "grub", hash_of(iso_grub_dir(), hash_dir).hex);
    recipe_add(r, "xorriso", hash_of(iso_xorriso(), hash_file).hex);
    recipe_add(r, "date", date ? date : "default");
    recipe_done(r);
}

/* Whether the store has the sidecar of files that we have hashed before: nothing to read then. */
static bool known(struct plan *p, const struct options *opt)
{
    struct guest *g = &p->guest;

    if (opt->rebuild || g->boot != BOOT_FILES || !hash_cached(g->kernel_path, &g->kernel_hash) ||
        (g->ramdisk_path && !hash_cached(g->ramdisk_path, &g->ramdisk_hash)))
        return false;
    write_recipe(p, opt);
    return store_has(&p->store, &p->recipe.key);
}

/* As plain PV it wouldn't start either, but would say so. */
static void check_memory(const struct guest *g)
{
    size_t mib = (g->kernel.elf.len + g->ramdisk.len + (1 << 20) - 1) >> 20;

    if ((size_t)g->memory < mib + 8)
        warn("%s: memory=%ld MiB is too little for kernel and initrd, which have %zu MiB; "
             "give it more",
             g->name, g->memory, mib);
}

/* What another sidecar of the store holds has been checked for it. */
static void check_files(struct plan *p, const struct options *opt)
{
    struct guest *g = &p->guest;

    if (g->boot == BOOT_UNIVERSAL)
        return;
    p->has_donor = !opt->rebuild &&
                   reuse_find(&p->store, &g->kernel_hash, iso_packing(opt->packing), &p->donor);
    if (!p->has_donor) {
        guest_check_kernel(g);
        check_memory(g);
    }
    if (opt->rebuild || !reuse_initrd(&p->store, &g->ramdisk_hash))
        guest_check_ramdisk(g);
}

/* A universal sidecar is one for all guests of a width, but for those that want other words,
 * another packing or another menu: they share another. No guest's own sidecar can be called so. */
static char *iso_name(const struct guest *g, const struct options *opt)
{
    char *own;

    if (g->boot != BOOT_UNIVERSAL)
        return xasprintf("%s-sidecar.iso", g->name);
    if (!*opt->shim_cmdline && opt->packing == PACK_GZ && !g->legacy_first && !g->menu)
        return xstrdup(g->narrow ? "universal32.iso" : "universal.iso");
    own = xasprintf("%s\n%s", opt->shim_cmdline, iso_packing(opt->packing));
    if (g->legacy_first || g->menu)
        own = xasprintf("%s\nmenu.lst\n%s", own, g->menu ? g->menu : "");
    return xasprintf("universal%s-%.8s.iso", g->narrow ? "32" : "",
                     hash_bytes(own, strlen(own)).hex);
}

/* What stands where the config will be: never replaced if it isn't ours, and least of all if it is
 * the config that we read. */
static void look_at_old(struct plan *p)
{
    char *target = xasprintf("%s/%s", p->dir, p->cfg_name);

    if (!read_file(target, &p->old) && !(p->old.len && marks_ours((char *)p->old.data)))
        die(EXIT_GUEST,
            "%s: would be replaced, and isn't made by mk-sidecar; move it away, or name another "
            "directory by -o",
            target);
    free(target);
}

void convert_plan(const char *path, const struct options *opt, bool write, struct plan *p,
                  struct report *rep)
{
    struct guest *g = &p->guest;
    struct buf text = {0};
    const char *iso_path = opt->iso_path;
    const char *why = cfgfile_read(path, &text);

    if (why)
        die(EXIT_GUEST, "%s: %s", path, why);
    p->dir = realpath(opt->out_dir, NULL);
    if (!p->dir)
        die(EXIT_ENVIRONMENT, "%s: %s; make the directory first", opt->out_dir, strerror(errno));
    cfg_parse(path, &text, &g->cfg);
    g->universal = opt->universal;
    g->entry = opt->entry;
    g->toolstack = opt->toolstack;
    g->origin = opt->print ? path : realpath(path, NULL);
    if (!g->origin)
        g->origin = path;
    guest_load(g);
    snprintf(rep->guest, sizeof(rep->guest), "%s", g->name);
    snprintf(rep->boot, sizeof(rep->boot), "%s", boot_word(g->boot));
    p->iso_name = iso_name(g, opt);
    p->cfg_name =
        xasprintf("%s-hvm.%s", g->name, opt->toolstack == TOOLSTACK_LIBVIRT ? "xml" : "cfg");
    if (!iso_path)
        iso_path = xasprintf("%s/%s", p->dir, p->iso_name);
    else if (*iso_path && iso_path[strlen(iso_path) - 1] == '/')
        iso_path = xasprintf("%s%s", iso_path, p->iso_name);

    if (opt->print) {
        guest_read(g);
        guest_check_kernel(g);
        guest_check_ramdisk(g);
        newcfg_write(p, iso_path, opt);
        return;
    }
    look_at_old(p);
    if (g->boot == BOOT_UNIVERSAL)
        pvgrub_check(g);
    store_open(&p->store, p->dir, write);
    if (!known(p, opt)) {
        guest_read(g);
        write_recipe(p, opt);
        if (opt->rebuild || !store_has(&p->store, &p->recipe.key))
            check_files(p, opt);
    }
    newcfg_write(p, iso_path, opt);
    newcfg_mark(p, path, opt);
    snprintf(rep->iso, sizeof(rep->iso), "%s", p->iso_name);
}
