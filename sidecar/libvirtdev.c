// SPDX-License-Identifier: MIT
#include "libvirtdev.h"

#include <stdlib.h>
#include <string.h>

#include "vif.h"
#include "xmlout.h"

/* Where the backend's domain is named, libxl gives the disk no emulated twin: disk.c. */
void libvirt_disk(struct buf *out, const struct guest *g, size_t i)
{
    const struct cfg_key *k = cfg_find(&g->cfg, "disk");
    const struct guest_disk *d = &g->disks[i];
    /* phy:vg/lv is below /dev */
    bool relative = d->target && !strncmp(d->spec, "phy:", 4) && d->target[0] != '/';
    bool block = d->target && (relative || !strncmp(d->target, "/dev/", 5));
    bool raw = !d->format || !strcmp(d->format, "raw");
    bool phy = raw && block && (!d->backend || !strcmp(d->backend, "phy"));

    if (!d->plain || d->script)
        cfg_die(
            &g->cfg, k,
            "entry %zu: script=, discard or direct-io-safe, which libvirt's XML has no place for; "
            "remove it or use --toolstack xl",
            i + 1);
    /* of others libvirt's own writer makes `raw` */
    if (!raw && strcmp(d->format, "qcow") && strcmp(d->format, "qcow2"))
        cfg_die(&g->cfg, k,
                "entry %zu: format %s, which libvirt's driver for Xen can't be trusted with; use "
                "--toolstack xl",
                i + 1, d->format);
    buf_addf(out, "    <disk type='%s' device='%s'>\n", block ? "block" : "file",
             d->cdrom ? "cdrom" : "disk");
    buf_addf(out, "      <driver name='%s' type='%s'/>\n", phy ? "phy" : "qemu",
             raw ? "raw" : d->format);
    if (d->target && *d->target)
        xml_put(out,
                relative ? "      <source dev='/dev/"
                : block  ? "      <source dev='"
                         : "      <source file='",
                d->target, "'/>\n");
    xml_put(out, "      <backenddomain name='", d->domain ? d->domain : "Domain-0", "'/>\n");
    xml_put(out, "      <target dev='", d->vdev, "' bus='xen'/>\n");
    if (!d->writable)
        buf_adds(out, "      <readonly/>\n");
    buf_adds(out, "    </disk>\n");
}

/* The value of NAME= in an item of vif=, malloc'ed, or NULL. */
static char *vif_value(const char *item, const char *name)
{
    size_t n = strlen(name);

    while (*item) {
        size_t len = strcspn(item, ","), blank = strspn(item, " \t");

        if (len > blank + n && !strncmp(item + blank, name, n) && item[blank + n] == '=')
            return xasprintf("%.*s", (int)(len - blank - n - 1), item + blank + n + 1);
        item += len + (item[len] == ',');
    }
    return NULL;
}

static void warn_of_vif(const struct guest *g, const struct cfg_key *k, const char *item)
{
    static const char *const known[] = {"mac", "bridge",  "script", "vifname",
                                        "ip",  "backend", "model",  "type"};

    while (*item) {
        size_t len = strcspn(item, ","), blank = strspn(item, " \t"),
               n = strcspn(item + blank, "=,");
        bool ok = len == blank;

        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
            ok = ok || (strlen(known[i]) == n && !strncmp(item + blank, known[i], n));
        if (!ok)
            warn("%s:%u: vif: %.*s: left out; libvirt's XML has no place for it", g->cfg.path,
                 k->line, (int)(len - blank), item + blank);
        item += len + (item[len] == ',');
    }
}

void libvirt_vifs(struct buf *out, const struct guest *g)
{
    static const char *const parts[][3] = {
        {"mac", "      <mac address='", "'/>\n"},
        {"bridge", "      <source bridge='", "'/>\n"},
        {"script", "      <script path='", "'/>\n"},
        {"backend", "      <backenddomain name='", "'/>\n"},
        {"vifname", "      <target dev='", "'/>\n"},
        {"ip", "      <ip address='", "'/>\n"},
    };
    const struct cfg_key *k = vif_key(g);

    if (!k)
        return;
    for (size_t i = 0; i < k->value.n; i++) {
        const char *s = k->value.items[i].str;

        warn_of_vif(g, k, s);
        buf_adds(out, "    <interface type='bridge'>\n");
        for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]); p++) {
            char *v = vif_value(s, parts[p][0]);

            /* libvirt must name one; this is xl's own default */
            if (v || p == 1)
                xml_put(out, parts[p][1], v ? v : "xenbr0", parts[p][2]);
            free(v);
        }
        buf_adds(out, "      <model type='netfront'/>\n    </interface>\n");
    }
}
