// SPDX-License-Identifier: MIT
#include "hvmcfg.h"

#include <stdlib.h>
#include <string.h>

#include "cfgkeys.h"
#include "hvmmem.h"
#include "vif.h"
#include "xendcfg.h"

long hvm_memory_more(const struct guest *g)
{
    bool display = g->toolstack == TOOLSTACK_LIBVIRT || g->old_xl;

    return hvm_more(g->memory, g->maxmem) + (display ? HVM_VIDEO_MIB : 0);
}

static void write_string(struct buf *out, const char *key, const char *s)
{
    buf_addf(out, "%s = ", key);
    cfg_write_string(out, s);
    buf_adds(out, "\n");
}

/* QEMU splits -drive at commas; a comma in a file name is written twice. */
static char *qemu_escape(const char *s)
{
    struct buf b = {0};

    buf_adds(&b, "");
    for (; *s; s++)
        buf_adds(&b, *s == ',' ? ",," : (char[]){*s, 0});
    return (char *)b.data;
}

int hvm_ide_place(const struct guest *g)
{
    static const unsigned order[] = {2, 3, 1, 0};
    struct vdev v;

    for (size_t i = 0; i < 4; i++) {
        bool used = false;

        /* "xvdc", "sdc1" and 0x1600 stand in the way of "hdc", too */
        for (size_t d = 0; d < g->n_disks; d++)
            used |=
                vdev_parse(g->disks[d].vdev, strlen(g->disks[d].vdev), &v) && v.disk == order[i];
        if (!used)
            return (int)order[i];
    }
    return -1;
}

/* By the device model's arguments and not by disk=, so that the guest doesn't see it. */
char **hvm_sidecar_args(const struct guest *g, const char *iso, enum medium medium)
{
    char **args = xcalloc(7, sizeof(*args)), *file = qemu_escape(iso);
    int place = medium == MEDIUM_CD ? hvm_ide_place(g) : -1;
    size_t n = 0;

    if (place < 0) {
        args[n++] = xstrdup("-device");
        args[n++] = xstrdup("ahci,id=sidecar-bus");
    }
    args[n++] = xstrdup("-drive");
    args[n++] = xasprintf("file=%s,%s,media=cdrom,readonly=on,format=raw", file,
                          place < 0 ? "if=none,id=sidecar" : xasprintf("if=ide,index=%d", place));
    if (place < 0) {
        args[n++] = xstrdup("-device");
        args[n++] = xstrdup("ide-cd,bus=sidecar-bus.0,drive=sidecar,bootindex=0");
    }
    free(file);
    return args;
}

static void write_sidecar(struct buf *out, const struct guest *g, const char *iso,
                          enum medium medium)
{
    char **args = hvm_sidecar_args(g, iso, medium);

    buf_adds(out, "device_model_args_hvm = [ ");
    for (size_t i = 0; args[i]; i++) {
        buf_adds(out, i ? ", " : "");
        cfg_write_string(out, args[i]);
    }
    buf_adds(out, " ]\n");
}

static void write_disks(struct buf *out, const struct guest *g)
{
    if (!g->n_disks)
        return;
    buf_adds(out, "disk = [");
    for (size_t i = 0; i < g->n_disks; i++) {
        buf_adds(out, i ? ",\n         " : " ");
        cfg_write_string(out, g->disks[i].hvm_spec);
    }
    buf_adds(out, " ]\n");
}

void hvm_remark(struct buf *out, const struct guest *g)
{
    buf_addf(out,
             "# Made by mk-sidecar from %s: the same guest, in an HVM domain under the shim.\n"
             "# Changes are lost when it is made again; change the PV config instead.\n",
             g->origin);
    if (g->boot == BOOT_UNIVERSAL) {
        buf_adds(out, "# Kernel: what the guest's own GRUB configuration names at each start\n");
    } else {
        buf_addf(out, "# Kernel %s", g->kernel_path);
        if (g->ramdisk_path)
            buf_addf(out, ", ramdisk %s", g->ramdisk_path);
        buf_adds(out, ", command line ");
        cfg_write_string(out, g->cmdline);
        buf_adds(out, "\n");
    }
}

/* phy: means a device below /dev, and a script knows what its target is. */
static void warn_of_relative(const struct guest *g)
{
    for (size_t i = 0; i < g->n_disks; i++) {
        const struct guest_disk *d = &g->disks[i];

        if (d->target && *d->target && *d->target != '/' && !d->script &&
            strncmp(d->spec, "phy:", 4))
            warn("%s:%u: disk: entry %zu: '%s' is a relative path, and what it means depends on "
                 "where the toolstack is started; write it from /",
                 g->cfg.path, cfg_find(&g->cfg, "disk")->line, i + 1, d->target);
    }
}

void hvmcfg_write(struct buf *out, const struct guest *g, const char *iso, enum medium medium)
{
    bool xm = g->toolstack == TOOLSTACK_XM;
    long more = hvm_memory_more(g);

    warn_of_relative(g);
    write_string(out, "name", g->name);
    /* xl before 4.10 knows no `type` and takes a config without `builder` for a PV one's. */
    buf_adds(out, xm ? "builder = \"hvm\"\n" : "type = \"hvm\"\nbuilder = \"hvm\"\n");
    buf_addf(out, "memory = %ld # %ld for the guest, %ld for the shim\n", g->memory + more,
             g->memory, more);
    if (g->maxmem > g->memory)
        buf_addf(out, "maxmem = %ld\n", g->maxmem + more);
    if (g->uuid)
        write_string(out, "uuid", g->uuid);
    if (xm) {
        xendcfg_write(out, g, iso, medium);
        return;
    }
    cfgkeys_write(out, g);
    write_disks(out, g);
    vif_write(out, g);
    /* Xen 4.2's default is the older device model, which knows neither `readonly` nor AHCI. */
    buf_adds(out, "device_model_version = \"qemu-xen\"\n");
    /* xl before 4.2 doesn't know the key; its hosts take what is written for xm. */
    if (medium == MEDIUM_FIRMWARE)
        write_string(out, "firmware_override", iso);
    else
        buf_adds(out, "boot = \"d\"\n");
    buf_adds(out, "serial = \"pty\"\n"
                  "nographic = 1\n");
    if (g->old_xl)
        buf_addf(out, "videoram = %d\n", HVM_VIDEO_MIB);
    else
        buf_adds(out, "vga = \"none\"\n");
    buf_adds(out, "vnc = 0\n"
                  "vkb_device = 0\n"
                  "usb = 0\n"
                  "xen_platform_pci = 1\n");
    if (medium != MEDIUM_FIRMWARE)
        write_sidecar(out, g, iso, medium);
}
