// SPDX-License-Identifier: MIT
#include "hvmcfg.h"

#include <stdlib.h>
#include <string.h>

#include "cfgkeys.h"

/* MiB of what the domain has beside RAM of its map, where memory is below maxmem:
 * xen-shim/boot/pod.c.
 */
#define POD_OTHER 5

/* What the shim keeps is 1 MiB + 1/400 of all memory; the firmware of an HVM domain takes less than
 * another MiB (video hole, BIOS tables, special pages). So solve  total - total/400 - 2 >= guest.
 */
long hvm_memory_more(const struct guest *g)
{
    long total = ((g->maxmem + 2) * 400 + 398) / 399;

    return total - g->maxmem + (g->maxmem > g->memory ? POD_OTHER : 0) +
           (g->toolstack == TOOLSTACK_LIBVIRT ? HVM_VIDEO_MIB : 0);
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

/* A place among the emulated IDE drives that no disk of the guest's is named after, hdc first; -1
 * if there is none. An empty CD drive always has its twin there, and before Xen 4.7 so has every
 * disk. */
static int free_ide_place(const struct guest *g)
{
    static const int order[] = {2, 3, 1, 0};

    for (size_t i = 0; i < 4; i++) {
        const char name[] = {'d', (char)('a' + order[i]), 0};
        bool used = false;

        /* "xvdc" and "sdc1" stand in the way of "hdc", too */
        for (size_t d = 0; d < g->n_disks; d++)
            used |= strlen(g->disks[d].vdev) > 2 && strstr(g->disks[d].vdev, name);
        if (!used)
            return order[i];
    }
    return -1;
}

/* By the device model's arguments and not by disk=, so that the guest doesn't see it. */
char **hvm_sidecar_args(const struct guest *g, const char *iso, enum medium medium)
{
    char **args = xcalloc(7, sizeof(*args)), *file = qemu_escape(iso);
    int place = medium == MEDIUM_CD ? free_ide_place(g) : -1;
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

/* vif items are "key=value,key=value"; model= and type= are about emulated cards. */
static void write_vifs(struct buf *out, const struct guest *g)
{
    const struct cfg_key *k = cfg_find(&g->cfg, "vif");

    if (!k)
        return;
    if (k->value.str)
        cfg_die(&g->cfg, k, "is a string; write a list, vif=[ \"...\" ]");
    buf_adds(out, "vif = [");
    for (size_t i = 0; i < k->value.n; i++) {
        const char *s = k->value.items[i].str;
        struct buf item = {0};

        if (!s)
            cfg_die(&g->cfg, k, "entry %zu is a list; write a string", i + 1);
        while (*s) {
            size_t n = strcspn(s, ",");
            size_t blank = strspn(s, " \t");

            if (n > blank && strncmp(s + blank, "model=", 6) && strncmp(s + blank, "type=", 5)) {
                buf_add(&item, s + blank, n - blank);
                buf_adds(&item, ",");
            }
            s += n + (s[n] == ',');
        }
        buf_adds(&item, "type=vif");
        buf_adds(out, i ? ", " : " ");
        cfg_write_string(out, (char *)item.data);
        buf_free(&item);
    }
    buf_adds(out, " ]\n");
}

/* xend's form of a disk: TYPE:PATH,VDEV,MODE. It has no way to keep the device model from showing a
 * twin of a whole disk; the shim unplugs those before the guest runs. */
static void write_disks_xm(struct buf *out, const struct guest *g, const char *iso)
{
    const struct cfg_key *k = cfg_find(&g->cfg, "disk");
    int place = free_ide_place(g);

    if (place < 0)
        cfg_die(&g->cfg, k, "leaves none of hda to hdd for the sidecar's CD, which xend needs");
    buf_adds(out, "disk = [ ");
    for (size_t i = 0; i < g->n_disks; i++) {
        const struct guest_disk *d = &g->disks[i];
        bool block = d->target && !strncmp(d->target, "/dev/", 5);
        const char *type = block ? "phy:" : "file:";

        /* What was written for xend once needs no other words. */
        if (!strncmp(d->spec, "phy:", 4) || !strncmp(d->spec, "file:", 5) ||
            !strncmp(d->spec, "tap:", 4)) {
            cfg_write_string(out, d->spec);
            buf_adds(out, ",\n         ");
            continue;
        }
        if (!d->target)
            cfg_die(&g->cfg, k, "entry %zu: a drive without a medium; xend has none", i + 1);
        if (strchr(d->target, ','))
            cfg_die(&g->cfg, k, "entry %zu: a comma in '%s', which xend can't take", i + 1,
                    d->target);
        if (d->format && strcmp(d->format, "raw")) {
            if (strcmp(d->format, "qcow") && strcmp(d->format, "qcow2"))
                cfg_die(&g->cfg, k, "entry %zu: format %s, which xend has no name for", i + 1,
                        d->format);
            type = strcmp(d->format, "qcow") ? "tap:qcow2:" : "tap:qcow:";
        }
        cfg_write_string(out, xasprintf("%s%s,%s%s,%s", type, d->target, d->vdev,
                                        d->cdrom ? ":cdrom" : "", d->writable ? "w" : "r"));
        buf_adds(out, ",\n         ");
    }
    cfg_write_string(out, xasprintf("file:%s,hd%c:cdrom,r", iso, 'a' + place));
    buf_adds(out, " ]\n");
}

/* The keys that xend 3.4 knows of those we keep. */
static bool xm_knows(const char *key)
{
    static const char *const keys[] = {"uuid",           "vcpus",     "cpus",         "cpu_weight",
                                       "on_poweroff",    "on_reboot", "on_crash",     "localtime",
                                       "rtc_timeoffset", "hap",       "shadow_memory"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (!strcmp(keys[i], key))
            return true;
    return false;
}

/* No kernel= and device_model=: from 3.4 on xend finds its own hvmloader and qemu-dm, which lie in
 * another place on each distribution (XendConfig.py, _platform_sanity_check). */
static void write_machine_xm(struct buf *out)
{
    buf_adds(out, "boot = \"d\"\n"
                  "acpi = 1\n"
                  "apic = 1\n"
                  "pae = 1\n"
                  "serial = \"pty\"\n"
                  "nographic = 1\n"
                  "sdl = 0\n"
                  "vnc = 0\n"
                  "usb = 0\n"
                  "xen_platform_pci = 1\n");
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

void hvmcfg_write(struct buf *out, const struct guest *g, const char *iso, enum medium medium)
{
    bool xm = g->toolstack == TOOLSTACK_XM;
    long more = hvm_memory_more(g);

    write_string(out, "name", g->name);
    /* xl before 4.10 knows no `type` and takes a config without `builder` for a PV one's. */
    buf_adds(out, xm ? "builder = \"hvm\"\n" : "type = \"hvm\"\nbuilder = \"hvm\"\n");
    buf_addf(out, "memory = %ld # %ld for the guest, %ld for the shim\n", g->memory + more,
             g->memory, more);
    if (g->maxmem > g->memory)
        buf_addf(out, "maxmem = %ld\n", g->maxmem + more);
    for (size_t i = 0; i < g->cfg.n; i++) {
        const struct cfg_key *k = &g->cfg.keys[i];
        const struct key_rule *r = cfgkeys_find(k->name);

        if (!r || r->fate != KEY_KEPT || !strcmp(k->name, "name"))
            continue;
        if (xm && !xm_knows(k->name)) {
            warn("%s:%u: %s: left out; xend doesn't know it", g->cfg.path, k->line, k->name);
            continue;
        }
        buf_addf(out, "%s = ", k->name);
        cfg_write_value(out, &k->value);
        buf_adds(out, "\n");
    }
    if (xm) {
        write_disks_xm(out, g, iso);
        write_vifs(out, g);
        write_machine_xm(out);
        return;
    }
    write_disks(out, g);
    write_vifs(out, g);
    /* Xen 4.2's default is the older device model, which knows neither `readonly` nor AHCI. */
    buf_adds(out, "device_model_version = \"qemu-xen\"\n"
                  "boot = \"d\"\n"
                  "serial = \"pty\"\n"
                  "nographic = 1\n"
                  "vga = \"none\"\n"
                  "vnc = 0\n"
                  "vkb_device = 0\n"
                  "usb = 0\n"
                  "xen_platform_pci = 1\n");
    write_sidecar(out, g, iso, medium);
}
