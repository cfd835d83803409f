// SPDX-License-Identifier: MIT
#include "bootfind.h"

#include <stdlib.h>
#include <string.h>

#include "bootdisk.h"

/* How much of the path of `len` bytes its parent directory is. */
static int parent(const char *path, size_t len)
{
    while (len && path[--len] != '/')
        ;
    return (int)len;
}

/* grub.cfg of a place, with what lies beside it. */
static bool find_grub2(const struct grub_disk *disk, struct boot_menu *m, const char *place)
{
    struct bls_file *bls;
    struct buf text, env;
    size_t len;

    for (const char *d = GRUB2_DIRS; *d; d += len + (d[len] == ' ')) {
        len = strcspn(d, " ");
        if (!grubdisk_read(disk, place, xasprintf("%.*s/grub.cfg", (int)len, d), MAX_MENU, &text) ||
            !text.len)
            continue;
        if (!grubdisk_read(disk, place, xasprintf("%.*s/grubenv", (int)len, d), MAX_MENU, &env) ||
            !env.len)
            env.data = NULL;
        /* blscfg looks into the directory beside GRUB's */
        bls =
            strstr((char *)text.data, "blscfg")
                ? grubdisk_entries(disk, place, xasprintf("%.*s/loader/entries", parent(d, len), d))
                : NULL;
        bootmenu_grub2(m, (char *)text.data, (char *)env.data, bls);
        return true;
    }
    return false;
}

static bool find_legacy(const struct grub_disk *disk, struct boot_menu *m, const char *place)
{
    static const char *const dirs[] = {"/boot/grub", "/grub"};
    static const char *const names[] = {"menu.lst", "grub.conf", NULL};
    struct buf text;

    for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
        const char *name = grubdisk_first(disk, place, dirs[i], names);

        if (!name ||
            !grubdisk_read(disk, place, xasprintf("%s/%s", dirs[i], name), MAX_MENU, &text) ||
            !text.len)
            continue;
        bootmenu_legacy(m, (char *)text.data);
        return true;
    }
    return false;
}

/* Whether the pygrub that the config names looks for menu.lst before grub.cfg: those of Xen 3.4 to
 * 4.1 do. Debian has the version in its path; else it is what xend's hosts have. */
static bool legacy_first(const struct guest *g)
{
    const char *v = strstr(cfg_string(&g->cfg, "bootloader"), "/xen-");
    unsigned long major = v ? strtoul(v + 5, NULL, 10) : 0;
    const char *dot = v ? strchr(v + 5, '.') : NULL;

    if (major)
        return major < 4 || (major == 4 && dot && strtoul(dot + 1, NULL, 10) < 2);
    return g->toolstack == TOOLSTACK_XM;
}

static bool same(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

/* Whether both menus boot the same kernel with the same words. */
static bool alike(const struct boot_menu *a, const struct boot_menu *b)
{
    const struct boot_entry *x = bootmenu_choose(a, NULL), *y = bootmenu_choose(b, NULL);

    return x && y && same(x->kernel, y->kernel) && same(x->args, y->args) &&
           same(x->initrds ? x->initrds[0] : NULL, y->initrds ? y->initrds[0] : NULL);
}

bool bootfind(const struct grub_disk *disk, const struct guest *g, struct boot_menu *m, size_t *at)
{
    bool old = legacy_first(g);

    for (*at = 0; *at < disk->n; ++*at) {
        struct boot_menu grub2, legacy;
        bool has_grub2 = find_grub2(disk, &grub2, disk->places[*at]);
        bool has_legacy = find_legacy(disk, &legacy, disk->places[*at]);

        if (!has_grub2 && !has_legacy)
            continue;
        *m = has_legacy && (old || !has_grub2) ? legacy : grub2;
        if (has_grub2 && has_legacy && !alike(&grub2, &legacy))
            warn("%s:%u: bootloader: the disk has a grub.cfg and a menu.lst, and they boot "
                 "different kernels or words: %s is taken, as pygrub %s does; remove the other if "
                 "that isn't what the guest boots",
                 g->cfg.path, disk->key->line, old ? "menu.lst" : "grub.cfg",
                 old ? "before Xen 4.2" : "of Xen 4.2 and later");
        return true;
    }
    return false;
}
