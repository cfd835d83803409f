// SPDX-License-Identifier: MIT
#include "xendcfg.h"

#include <string.h>

#include "cfgkeys.h"
#include "hvmcfg.h"
#include "vif.h"

/* xend has no way to keep the device model from showing a twin of a whole disk; the shim unplugs
 * those before the guest runs. */
static void write_disks(struct buf *out, const struct guest *g, const char *iso)
{
    int place = hvm_ide_place(g);

    if (place < 0)
        cfg_die(&g->cfg, cfg_find(&g->cfg, "disk"),
                "leaves none of hda to hdd for the sidecar's CD, which xend needs; rename one, "
                "xvdd to xvde, say, here and in the guest's own fstab");
    buf_adds(out, "disk = [ ");
    for (size_t i = 0; i < g->n_disks; i++) {
        cfg_write_string(out, g->disks[i].hvm_spec);
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
static void write_machine(struct buf *out)
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

void xendcfg_write(struct buf *out, const struct guest *g, const char *iso)
{
    for (size_t i = 0; i < g->cfg.n; i++) {
        const struct cfg_key *k = &g->cfg.keys[i];
        const struct key_rule *r = cfgkeys_find(k->name);

        if (!r || r->fate != KEY_KEPT || !strcmp(k->name, "name"))
            continue;
        if (!xm_knows(k->name)) {
            warn("%s:%u: %s: left out; xend doesn't know it", g->cfg.path, k->line, k->name);
            continue;
        }
        buf_addf(out, "%s = ", k->name);
        cfg_write_value(out, &k->value);
        buf_adds(out, "\n");
    }
    write_disks(out, g, iso);
    vif_write(out, g);
    write_machine(out);
}
