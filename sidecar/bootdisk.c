// SPDX-License-Identifier: MIT
#include "bootdisk.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "bootfind.h"
#include "grubdisk.h"
#include "loader.h"

#define MAX_FILE ((size_t)1 << 30) /* bytes of a kernel, and of all initrds together */

static struct grub_disk disk;

/* The guest's owner wrote this, and it ends up in the config of the host's toolstack. */
static void refuse_control(struct guest *g, const char *s)
{
    for (; *s; s++)
        if (iscntrl((unsigned char)*s))
            cfg_die(&g->cfg, disk.key,
                    "the guest's boot menu has a control character in its entry");
}

/* Read what the menu calls `path`: in its own place first (`at`; disk.n for all alike). A device in
 * the path is only dropped where it is the guest's disk; (host) and the like would name files of
 * this host. */
static void fetch_named(struct guest *g, const char *path, size_t at, size_t max, struct buf *out)
{
    const char *file = path;

    refuse_control(g, path);
    if (*file == '(') {
        if (strncmp(file, "(hd0", 4) && strncmp(file, "(xen/", 5) && strncmp(file, "()", 2))
            cfg_die(&g->cfg, disk.key,
                    "the guest's boot menu names '%s', on no disk we know; --universal "
                    "leaves that to the guest",
                    path);
        file += strcspn(file, ")");
        file += *file == ')';
    }
    if (*file == '/') {
        if (at < disk.n && grubdisk_read(&disk, disk.places[at], file, max, out))
            return;
        for (size_t i = 0; i < disk.n; i++)
            if (grubdisk_read(&disk, disk.places[i], file, max, out))
                return;
    }
    cfg_die(&g->cfg, disk.key,
            "the guest boots '%s', which isn't on %s or is too large; --universal "
            "leaves that to the guest",
            path, disk.image);
}

/* Several become one, as GRUB and Linux have it: each begins at a multiple of four bytes. */
static void fetch_initrds(struct guest *g, const char *const *paths, size_t at)
{
    static const char zeros[3];
    struct buf names = {0};

    for (; *paths; paths++) {
        struct buf one;

        fetch_named(g, *paths, at, MAX_FILE - g->ramdisk.len, &one);
        buf_add(&g->ramdisk, zeros, -g->ramdisk.len & 3);
        buf_add(&g->ramdisk, one.data, one.len);
        buf_addf(&names, "%s ", *paths);
        buf_free(&one);
    }
    g->ramdisk_path = xasprintf("%sof %s", (char *)names.data, disk.image);
    g->ramdisk_hash = hash_bytes(g->ramdisk.data, g->ramdisk.len);
    buf_free(&names);
}

static void fetch(struct guest *g, const char *kernel, const char *const *initrds, size_t at)
{
    fetch_named(g, kernel, at, MAX_FILE, &g->kernel_file);
    g->kernel_path = xasprintf("%s of %s", kernel, disk.image);
    g->kernel_hash = hash_bytes(g->kernel_file.data, g->kernel_file.len);
    if (initrds)
        fetch_initrds(g, initrds, at);
}

/* The disk and its partition that domUloader calls `dev`: only that place stays in `disk`. */
static void open_partition(struct guest *g, const char *dev)
{
    struct vdev want, have;

    for (size_t i = 0; vdev_parse(dev, strlen(dev), &want) && i < g->n_disks; i++) {
        if (!vdev_parse(g->disks[i].vdev, strlen(g->disks[i].vdev), &have) ||
            have.disk != want.disk || strcmp(have.kind, want.kind) ||
            (have.part && have.part != want.part))
            continue;
        grubdisk_open(&disk, g, i);
        for (size_t p = 0; p < disk.n; p++) {
            const char *digits = strstr(disk.places[p], ",");
            unsigned part = 0;

            if (strncmp(disk.places[p], "loop0", 5))
                continue;
            if (digits)
                part = (unsigned)strtoul(digits + strcspn(digits, "0123456789"), NULL, 10);
            if (part != (have.part ? 0 : want.part))
                continue;
            disk.places[0] = disk.places[p];
            disk.n = 1;
            return;
        }
        break;
    }
    cfg_die(&g->cfg, cfg_find(&g->cfg, "bootloader"),
            "domUloader's entry is on '%s', and no disk of this config has a file system there; "
            "name kernel and initrd by kernel= and ramdisk=",
            dev);
}

/* domUloader's entry, [DEVICE:]/KERNEL[,/INITRD]. */
static void load_named(struct guest *g, const char *entry)
{
    const char *colon = entry ? strchr(entry, ':') : NULL, *kernel, *comma;
    const char *initrds[2] = {0};

    if (!entry || !*entry)
        cfg_die(&g->cfg, cfg_find(&g->cfg, "bootloader"),
                "domUloader wants --entry=DEVICE:/KERNEL,/INITRD in bootargs=, or bootentry=; "
                "add it");
    kernel = colon ? colon + 1 : entry;
    comma = strchr(kernel, ',');
    if (comma && comma[1])
        initrds[0] = comma + 1;
    if (colon)
        open_partition(g, xasprintf("%.*s", (int)(colon - entry), entry));
    else
        grubdisk_open(&disk, g, 0);
    fetch(g, comma ? xasprintf("%.*s", (int)(comma - kernel), kernel) : kernel,
          initrds[0] ? initrds : NULL, disk.n);
}

static const struct boot_entry *choose(struct guest *g, const struct boot_menu *m,
                                       const struct loader_args *args)
{
    const char *entry = g->entry ? g->entry : args->entry;
    const struct boot_entry *e = bootmenu_choose(m, entry), *pygrub;

    if (!g->entry) {
        pygrub = pygrub_choice(m, entry);
        /* a number of pygrub's counts what is in submenus, too */
        if (entry && pygrub && entry[strspn(entry, "0123456789")] == 0)
            return pygrub;
        if (!entry && e && pygrub && pygrub != e)
            warn("%s:%u: bootloader: GRUB's default is '%s', but pygrub itself would boot '%s'; "
                 "the first is taken, --entry chooses",
                 g->cfg.path, disk.key->line, e->title, pygrub->title);
    }
    if (e)
        return e;
    cfg_die(&g->cfg, disk.key, "%s: the boot menu has no entry '%s'", disk.image,
            entry ? entry : "0");
}

static void load_menu(struct guest *g, const struct loader_args *args)
{
    struct boot_menu menu;
    const struct boot_entry *e;
    size_t at;

    if (!bootfind(&disk, g, &menu, &at))
        cfg_die(&g->cfg, disk.key,
                "%s: no grub.cfg or menu.lst on it; copy kernel and initrd to the "
                "host and name them by kernel= and ramdisk=",
                disk.image);
    if (!menu.n)
        cfg_die(&g->cfg, disk.key, "%s: the boot menu has no entries", disk.image);
    e = choose(g, &menu, args);
    refuse_control(g, e->title);
    if (!e->kernel)
        cfg_die(&g->cfg, disk.key,
                "%s: entry '%s' boots no Linux kernel; choose another by --entry", disk.image,
                e->title);
    refuse_control(g, e->args);
    fetch(g, e->kernel, (const char *const *)e->initrds, at);
    /* As pygrub: what the config says comes behind what the menu says. */
    if (*g->cmdline && *e->args)
        g->cmdline = xasprintf("%s %s", e->args, g->cmdline);
    else if (*e->args)
        g->cmdline = e->args;
}

void bootdisk_load(struct guest *g)
{
    struct loader_args args = loader_args(g);
    const char *initrds[2] = {0};

    disk.key = cfg_find(&g->cfg, "bootloader");
    if (loader_of(g, NULL) == LOADER_DOMULOADER) {
        load_named(g, g->entry ? g->entry : args.entry);
        return;
    }
    grubdisk_open(&disk, g, 0);
    /* pygrub: kernel= and ramdisk= are files of the guest's disk, and no menu is read then */
    if (!args.kernel)
        args.kernel = cfg_string(&g->cfg, "kernel");
    if (!args.ramdisk)
        args.ramdisk = cfg_string(&g->cfg, "ramdisk");
    if (!args.kernel || !*args.kernel) {
        load_menu(g, &args);
        return;
    }
    initrds[0] = args.ramdisk && *args.ramdisk ? args.ramdisk : NULL;
    fetch(g, args.kernel, initrds[0] ? initrds : NULL, disk.n);
}
