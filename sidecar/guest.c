// SPDX-License-Identifier: MIT
#include "guest.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bootdisk.h"
#include "cfgkeys.h"
#include "cmdline.h"
#include "loader.h"

#define MAX_NAME 200 /* a file's may have 255 bytes, ".NAME-sidecar.tmp" among them */

/* The name becomes part of two file names and of a QEMU argument. */
static void check_name(const struct cfg *cfg, const char *name)
{
    const struct cfg_key *k = cfg_find(cfg, "name");

    if (!k)
        die(EXIT_GUEST, "%s: name: not set; add name=\"...\"", cfg->path);
    if (!*name || *name == '.' || *name == '-')
        cfg_die(cfg, k, "'%s' can't start a file name; begin with a letter or digit", name);
    if (strlen(name) > MAX_NAME)
        cfg_die(cfg, k, "has %zu bytes; names of files are made of it, choose one of at most %d",
                strlen(name), MAX_NAME);
    for (const char *s = name; *s; s++)
        if (*s == '/' || iscntrl((unsigned char)*s))
            cfg_die(cfg, k, "holds '/' or a control character; choose a plain name");
}

/* type= and the older builder= must say PV, or nothing: xl takes no two that differ. */
static void check_type(const struct cfg *cfg)
{
    const char *type = cfg_string(cfg, "type"), *builder = cfg_string(cfg, "builder");

    if (type && strcmp(type, "pv"))
        cfg_die(cfg, cfg_find(cfg, "type"), "is '%s'; only PV guests need a sidecar", type);
    if (builder && strcmp(builder, "generic") && strcmp(builder, "linux"))
        cfg_die(cfg, cfg_find(cfg, "builder"), "is '%s'; only PV guests need a sidecar", builder);
}

/* kernel= and ramdisk= on this host. */
static void name_files(struct guest *g)
{
    if (!cfg_find(&g->cfg, "kernel"))
        die(EXIT_GUEST,
            "%s: kernel: not set; add kernel=\"/path/to/vmlinuz\", or use --universal if the guest "
            "has its kernel on its own disk",
            g->cfg.path);
    g->kernel_path = cfg_string(&g->cfg, "kernel");
    g->ramdisk_path = cfg_string(&g->cfg, "ramdisk");
    if (g->ramdisk_path && !*g->ramdisk_path)
        g->ramdisk_path = NULL;
}

void guest_read(struct guest *g)
{
    int err;

    if (g->boot != BOOT_FILES || g->kernel_file.data)
        return;
    err = hash_read(g->kernel_path, &g->kernel_file, &g->kernel_hash);
    if (err)
        cfg_die(&g->cfg, cfg_find(&g->cfg, "kernel"), "%s: %s", g->kernel_path, strerror(err));
    if (!g->ramdisk_path)
        return;
    err = hash_read(g->ramdisk_path, &g->ramdisk, &g->ramdisk_hash);
    if (err)
        cfg_die(&g->cfg, cfg_find(&g->cfg, "ramdisk"), "%s: %s", g->ramdisk_path, strerror(err));
}

void guest_check_ramdisk(struct guest *g)
{
    const struct cfg_key *k = cfg_find(&g->cfg, g->boot == BOOT_DISK ? "bootloader" : "ramdisk");
    struct buf plain = {0};
    const char *kind, *reason;

    if (g->boot == BOOT_UNIVERSAL || !g->ramdisk_path)
        return;
    if (!g->ramdisk.len)
        cfg_die(&g->cfg, k, "%s: the file is empty; make the initrd again", g->ramdisk_path);
    /* Only the damage that the stream itself shows; an initrd may be anything. */
    kind = unpack_kind(g->ramdisk.data, g->ramdisk.len);
    if (kind) {
        reason = unpack(g->ramdisk.data, g->ramdisk.len, &plain);
        if (reason)
            cfg_die(&g->cfg, k, "%s (%s): %s; make the initrd again", g->ramdisk_path, kind,
                    reason);
        buf_free(&plain);
    }
}

void guest_check_kernel(struct guest *g)
{
    const char *key = g->boot == BOOT_DISK ? "bootloader" : "kernel";
    char *reason;

    if (g->boot == BOOT_UNIVERSAL)
        return;
    reason = kernel_load(&g->kernel_file, &g->kernel);
    if (reason)
        cfg_die(&g->cfg, cfg_find(&g->cfg, key), "%s: %s", g->kernel_path, reason);
}

/* What the config asks for. Both toolstacks let bootloader= win over kernel=. */
static enum boot_kind boot_kind(const struct guest *g)
{
    static const enum boot_kind kinds[] = {[LOADER_NONE] = BOOT_FILES,
                                           [LOADER_PYGRUB] = BOOT_DISK,
                                           [LOADER_DOMULOADER] = BOOT_DISK,
                                           [LOADER_PVGRUB] = BOOT_UNIVERSAL};
    const char *firmware = cfg_string(&g->cfg, "firmware");

    if (firmware && *firmware && strcmp(firmware, "pvgrub64") && strcmp(firmware, "pvgrub32"))
        cfg_die(&g->cfg, cfg_find(&g->cfg, "firmware"),
                "is '%s', which starts no PV guest; pvgrub64 does, and pvgrub32 a 32-bit one",
                firmware);
    if (g->universal || (firmware && *firmware))
        return BOOT_UNIVERSAL;
    return kinds[loader_of(g, NULL)];
}

/* A menu as PV GRUB 0.97 names it, (hdDISK,PARTITION)/PATH with both from 0, in GRUB 2's words. */
static char *grub2_path(const struct guest *g, const char *s)
{
    const struct cfg_key *k = cfg_find(&g->cfg, "extra");
    unsigned disk = 0, part = 0;
    int whole = 0, end = 0;
    struct vdev v;

    if (sscanf(s, "(hd%u,%u)%n", &disk, &part, &end) != 2 || !end) {
        end = 0;
        sscanf(s, "(hd%u)%n", &disk, &end);
        whole = 1;
    }
    if (!end || s[end] != '/' || disk >= g->n_disks || strpbrk(s, " \"'\\$") ||
        !vdev_parse(g->disks[disk].vdev, strlen(g->disks[disk].vdev), &v))
        cfg_die(&g->cfg, k,
                "'%s' is on no disk of this config; name the menu of PV GRUB as "
                "(hd0,0)/boot/grub/menu.lst, or use --universal without extra=",
                s);
    if (whole || v.part)
        return xasprintf("(xen/%s)%s", vdev_name(&v), s + end);
    return xasprintf("(xen/%s,%u)%s", vdev_name(&v), part + 1, s + end);
}

/* What PV GRUB 0.97 is told: the menu is its command line, or else its ramdisk. */
static void legacy_menu(struct guest *g)
{
    const char *extra = cfg_string(&g->cfg, "extra"), *ramdisk = cfg_string(&g->cfg, "ramdisk");

    g->legacy_first = true;
    if (ramdisk && *ramdisk)
        cfg_die(&g->cfg, cfg_find(&g->cfg, "ramdisk"),
                "is a menu for PV GRUB, which lies on the host; name what it boots by kernel= and "
                "ramdisk=, or remove it if the guest has its own menu");
    if (extra && *extra == '(')
        g->menu = grub2_path(g, extra);
}

/* The PV GRUB that the config names, if it names one. With --universal the config may have anything
 * else. */
static struct pv_grub named_grub(const struct guest *g)
{
    static const char *const keys[] = {"bootloader", "kernel"};
    struct pv_grub grub = {0};

    if (!g->universal) {
        loader_of(g, &grub);
        return grub;
    }
    for (size_t i = 0; !grub.kind && i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char *path = cfg_string(&g->cfg, keys[i]);

        if (path)
            grub = pv_grub_named(path);
    }
    return grub;
}

/* PV GRUB takes all from the guest's own configuration, and the sidecar is the same for all. */
static void universal(struct guest *g)
{
    static const char *const keys[] = {"cmdline", "root", "extra"};
    const char *kernel = cfg_string(&g->cfg, "kernel");
    const char *firmware = cfg_string(&g->cfg, "firmware");
    struct pv_grub grub = named_grub(g);

    g->narrow = grub.narrow || (firmware && !strcmp(firmware, "pvgrub32"));
    if (grub.kind == PV_GRUB_LEGACY && !g->universal)
        legacy_menu(g);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const struct cfg_key *k = cfg_find(&g->cfg, keys[i]);
        const char *s = cfg_string(&g->cfg, keys[i]);

        if (s && *s && !(g->menu && !strcmp(keys[i], "extra")))
            warn("%s:%u: %s: left out; the guest's own GRUB configuration gives its command line",
                 g->cfg.path, k->line, keys[i]);
    }
    if (kernel && !pv_grub_named(kernel).kind)
        warn("%s:%u: kernel: left out; the guest must have its own kernel on its disk", g->cfg.path,
             cfg_find(&g->cfg, "kernel")->line);
    if (!g->n_disks)
        die(EXIT_GUEST, "%s: disk: not set; --universal boots what a disk of the guest holds",
            g->cfg.path);
    g->cmdline = xstrdup("");
}

void guest_load(struct guest *g)
{
    struct cfg *cfg = &g->cfg;

    check_type(cfg);
    cfgkeys_check(cfg, g->toolstack);
    g->name = cfg_string(cfg, "name");
    check_name(cfg, g->name);
    g->cmdline = guest_cmdline(cfg, g->toolstack);
    g->memory = cfg_long(cfg, "memory", 0, 1, 1L << 34);
    if (!g->memory)
        die(EXIT_GUEST, "%s: memory: not set; add memory=MiB", cfg->path);
    g->maxmem = cfg_long(cfg, "maxmem", g->memory, 1, 1L << 34);
    if (g->maxmem < g->memory)
        cfg_die(cfg, cfg_find(cfg, "maxmem"), "is less than memory=%ld", g->memory);
    g->vcpus = cfg_long(cfg, "vcpus", 1, 1, 128);
    g->maxvcpus = cfg_long(cfg, "maxvcpus", g->vcpus, 1, 128);
    if (g->maxvcpus < g->vcpus)
        cfg_die(cfg, cfg_find(cfg, "maxvcpus"), "is less than vcpus=%ld", g->vcpus);
    if (cfg_find(cfg, "uuid"))
        g->uuid = keyform_uuid(cfg_string(cfg, "uuid"));
    guest_disks(g);
    g->boot = boot_kind(g);
    if (g->entry && g->boot != BOOT_DISK)
        die(EXIT_GUEST, "%s: --entry goes with bootloader=\"pygrub\" and domUloader only",
            g->cfg.path);
    if (g->boot == BOOT_UNIVERSAL) {
        universal(g);
    } else if (g->boot == BOOT_DISK) {
        bootdisk_load(g);
    } else {
        name_files(g);
    }
    if (strlen(g->cmdline) > GUEST_CMDLINE_MAX)
        die(EXIT_GUEST, "%s: the guest's command line has %zu bytes; PV guests take at most %d",
            cfg->path, strlen(g->cmdline), GUEST_CMDLINE_MAX);
}
