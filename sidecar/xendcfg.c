// SPDX-License-Identifier: MIT
#include "xendcfg.h"

#include <string.h>

#include "cfgkeys.h"
#include "hvmcfg.h"
#include "vif.h"

/* xend has no way to keep the device model from showing a twin of a whole disk; the shim unplugs
 * those before the guest runs. */
static void write_disks(struct buf *out, const struct guest *g, const char *iso, enum medium medium)
{
    int place = medium == MEDIUM_FIRMWARE ? -1 : hvm_ide_place(g);

    if (medium != MEDIUM_FIRMWARE && place < 0)
        cfg_die(&g->cfg, cfg_find(&g->cfg, "disk"),
                "leaves none of hda to hdd for the sidecar's CD, which xend needs; rename one, "
                "xvdd to xvde, say, here and in the guest's own fstab");
    if (place < 0 && !g->n_disks)
        return;
    buf_adds(out, "disk = [ ");
    for (size_t i = 0; i < g->n_disks; i++) {
        buf_adds(out, i ? ",\n         " : "");
        cfg_write_string(out, g->disks[i].hvm_spec);
    }
    if (place >= 0) {
        buf_adds(out, g->n_disks ? ",\n         " : "");
        cfg_write_string(out, xasprintf("file:%s,hd%c:cdrom,r", iso, 'a' + place));
    }
    buf_adds(out, " ]\n");
}

/* What has another name or form with xend. */
static void write_adapted(struct buf *out, const struct guest *g)
{
    static const char *const modes[] = {"default", "always_emulate", "native", "native_paravirt"};
    const struct cfg_key *cap = cfg_find(&g->cfg, "cap");
    const char *mode = cfg_string(&g->cfg, "tsc_mode");

    if (cap && !cfg_find(&g->cfg, "cpu_cap")) {
        warn("%s:%u: cap: written as cpu_cap, xend's word for it", g->cfg.path, cap->line);
        buf_addf(out, "cpu_cap = %ld\n", cfg_long(&g->cfg, "cap", 0, 0, 100000));
    }
    for (size_t i = 0; mode && i < sizeof(modes) / sizeof(modes[0]); i++)
        if (!strcmp(mode, modes[i]))
            buf_addf(out, "tsc_mode = %zu\n", i);
}

/* xend wants one item for each vCPU; xl takes any number. */
static void check_cpus(const struct guest *g)
{
    const struct cfg_key *k = cfg_find(&g->cfg, "cpus");

    if (k && k->value.n && (long)k->value.n != g->maxvcpus)
        cfg_die(&g->cfg, k,
                "has %zu items for %ld vCPUs, which xend doesn't take; write one for each",
                k->value.n, g->maxvcpus);
}

/* No device_model=, and no kernel= but for a sidecar in hvmloader's place: from 3.4 on xend finds
 * its own hvmloader and qemu-dm, which lie in another place on each distribution (XendConfig.py,
 * _platform_sanity_check). */
static void write_machine(struct buf *out, const char *iso, enum medium medium)
{
    /* xend takes kernel= of an HVM domain for its loader; with loader= besides, it would hand the
     * kernel to the device model, too. */
    if (medium == MEDIUM_FIRMWARE) {
        buf_adds(out, "kernel = ");
        cfg_write_string(out, iso);
        buf_adds(out, "\n");
    } else {
        buf_adds(out, "boot = \"d\"\n");
    }
    buf_adds(out, "acpi = 1\n"
                  "apic = 1\n"
                  "pae = 1\n"
                  "serial = \"pty\"\n"
                  "nographic = 1\n"
                  "sdl = 0\n"
                  "vnc = 0\n"
                  "usb = 0\n"
                  "xen_platform_pci = 1\n");
}

void xendcfg_write(struct buf *out, const struct guest *g, const char *iso, enum medium medium)
{
    check_cpus(g);
    cfgkeys_write(out, g);
    write_adapted(out, g);
    write_disks(out, g, iso, medium);
    vif_write(out, g);
    write_machine(out, iso, medium);
}
