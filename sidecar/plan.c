// SPDX-License-Identifier: MIT
/* What convert.h calls a plan: the config is read and all that it names is looked at. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cfgfile.h"
#include "convert.h"
#include "elftrim.h"
#include "firmware.h"
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

/* The word for how the kernel is packed; those of the two kinds of sidecar differ, as a packed
 * kernel of one isn't found in the other. */
static const char *packing(const struct options *opt)
{
    enum packing how = options_packing(opt);

    if (opt->medium == MEDIUM_FIRMWARE)
        return how == PACK_GZ ? "elf-gz" : "elf";
    return iso_packing(how);
}

/* All that the sidecar's bytes depend on. */
static void write_recipe(struct plan *p, const struct options *opt)
{
    const struct guest *g = &p->guest;
    struct recipe *r = &p->recipe;
    const char *date = getenv("SOURCE_DATE_EPOCH");

    r->text.len = 0;
    r->ext = options_ext(opt);
    recipe_add(r, "shim", hash_of(opt->shim, hash_file).hex);
    recipe_add(r, "shim-cmdline", opt->shim_cmdline);
    if (g->boot == BOOT_UNIVERSAL)
        recipe_add(r, "pvgrub", pvgrub_identity(g).hex);
    else
        recipe_add(r, "kernel", g->kernel_hash.hex);
    recipe_add(r, "initrd", g->ramdisk_path ? g->ramdisk_hash.hex : "none");
    recipe_add(r, "cmdline", g->cmdline);
    recipe_add(r, "packing", packing(opt));
    if (opt->medium != MEDIUM_FIRMWARE) {
        recipe_add(r, "grub", hash_of(iso_grub_dir(), hash_dir).hex);
        recipe_add(r, "xorriso", hash_of(iso_xorriso(), hash_file).hex);
        recipe_add(r, "date", date ? date : "default");
    }
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

/* Of a sidecar in the firmware's place: whether the domain can hold it. */
static void check_size(struct plan *p, const struct options *opt)
{
    struct guest *g = &p->guest;
    char *mib;

    if (opt->medium != MEDIUM_FIRMWARE)
        return;
    mib = store_says(&p->store, &p->recipe.key, FIRMWARE_MIB);
    if (mib) {
        firmware_check_size(g->name, strtol(mib, NULL, 10), g->memory);
    } else if (g->kernel.elf.data) { /* PV GRUB: when it has been made */
        elf_trim(&g->kernel.elf);
        firmware_check_size(g->name, firmware_mib(g->kernel.elf.len, g->ramdisk.len), g->memory);
    }
    free(mib);
}

/* What another sidecar of the store holds has been checked for it. */
static void check_files(struct plan *p, const struct options *opt)
{
    struct guest *g = &p->guest;

    if (g->boot == BOOT_UNIVERSAL)
        return;
    p->has_donor = !opt->rebuild && reuse_find(&p->store, &g->kernel_hash, packing(opt), &p->donor);
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
    const char *ext = options_ext(opt);
    const char *width = g->narrow ? "32" : "";
    char *own;

    if (g->boot != BOOT_UNIVERSAL)
        return xasprintf("%s-sidecar%s", g->name, ext);
    if (!*opt->shim_cmdline && options_packing_usual(opt) && !g->legacy_first && !g->menu)
        return xasprintf("universal%s%s", width, ext);
    own = xasprintf("%s\n%s", opt->shim_cmdline, packing(opt));
    if (g->legacy_first || g->menu)
        own = xasprintf("%s\nmenu.lst\n%s", own, g->menu ? g->menu : "");
    return xasprintf("universal%s-%.8s%s", width, hash_bytes(own, strlen(own)).hex, ext);
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

static void check_tools(const struct guest *g, const struct options *opt)
{
    if (opt->medium != MEDIUM_FIRMWARE)
        iso_check_tools();
    else
        firmware_check_shim(opt->shim);
    if (opt->medium == MEDIUM_FIRMWARE && g->boot == BOOT_UNIVERSAL)
        iso_check_mkimage();
}

/* Firmware and GRUB touch memory that isn't there yet, which the shim knows how not to (pod.h). */
static void warn_of_growth(const struct guest *g, const struct options *opt)
{
    if (opt->toolstack == TOOLSTACK_XM && opt->medium != MEDIUM_FIRMWARE && g->maxmem > g->memory)
        warn("%s:%u: maxmem: is above memory=, and Xen 3.4 with nested paging ends such a domain "
             "before it has booted from a CD; use --medium firmware there",
             g->cfg.path, cfg_find(&g->cfg, "maxmem")->line);
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
    g->old_xl = opt->old_xl;
    g->origin = opt->print ? path : realpath(path, NULL);
    if (!g->origin)
        g->origin = path;
    guest_load(g);
    warn_of_growth(g, opt);
    if (!opt->print)
        check_tools(g, opt);
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
    check_size(p, opt);
    newcfg_write(p, iso_path, opt);
    newcfg_mark(p, path, opt);
    snprintf(rep->iso, sizeof(rep->iso), "%s", p->iso_name);
}
