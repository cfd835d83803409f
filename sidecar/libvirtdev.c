// SPDX-License-Identifier: MIT
#include "libvirtdev.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
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
    struct vdev v;
    bool phy = raw && block && (!d->backend || !strcmp(d->backend, "phy"));

    if (!vdev_parse(d->vdev, strlen(d->vdev), &v))
        cfg_die(&g->cfg, k, "entry %zu: '%s' names no disk; write xvda or the like", i + 1,
                d->vdev);
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
    if (d->target && *d->target && *d->target != '/' && !relative)
        cfg_die(&g->cfg, k, "entry %zu: '%s' is a relative path; write it from /", i + 1,
                d->target);
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
    xml_put(out, "      <target dev='", vdev_name(&v), "' bus='xen'/>\n");
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

static _Noreturn void bad_vif(const struct guest *g, size_t i, const char *name, const char *value,
                              const char *why)
{
    cfg_die(&g->cfg, cfg_find(&g->cfg, "vif"), "entry %zu: %s=%s: %s", i + 1, name, value, why);
}

/* As xl reads it: six numbers of one or two digits. */
static void write_mac(struct buf *out, const struct guest *g, size_t i, const char *s)
{
    unsigned n[6];
    int end = 0;

    if (sscanf(s, "%2x:%2x:%2x:%2x:%2x:%2x%n", n, n + 1, n + 2, n + 3, n + 4, n + 5, &end) != 6 ||
        s[end] || strspn(s, "0123456789abcdefABCDEF:") != strlen(s))
        bad_vif(g, i, "mac", s, "not a MAC address; write six pairs of digits");
    if (n[0] & 1)
        bad_vif(g, i, "mac", s, "a multicast address, which no NIC can have; choose another");
    buf_addf(out, "      <mac address='%02x:%02x:%02x:%02x:%02x:%02x'/>\n", n[0], n[1], n[2], n[3],
             n[4], n[5]);
}

/* xl hands all that ip= says to the script; libvirt does so with addresses. */
static void write_ips(struct buf *out, const struct guest *g, size_t i, char *s)
{
    char *save = NULL;
    uint8_t address[16];

    for (char *a = strtok_r(s, " ", &save); a; a = strtok_r(NULL, " ", &save)) {
        if (strchr(a, '/'))
            bad_vif(g, i, "ip", a,
                    "libvirt passes no prefix on; write addresses, or use --toolstack xl");
        if (inet_pton(AF_INET, a, address) != 1 && inet_pton(AF_INET6, a, address) != 1)
            bad_vif(g, i, "ip", a, "not an address; write one, or use --toolstack xl");
        xml_put(out, "      <ip address='", a, "'/>\n");
    }
}

static void check_name(const struct guest *g, size_t i, const char *name, const char *value)
{
    for (const char *s = value; *s; s++)
        if (!isalnum((unsigned char)*s) && !strchr("_.-:/", *s))
            bad_vif(g, i, name, value,
                    "not a name that libvirt takes; use letters, digits, '.', '_' and '-'");
}

static void write_part(struct buf *out, const struct guest *g, size_t i, const char *name,
                       char *value)
{
    static const char *const parts[][2] = {{"bridge", "      <source bridge='"},
                                           {"script", "      <script path='"},
                                           {"backend", "      <backenddomain name='"},
                                           {"vifname", "      <target dev='"}};

    if (!strcmp(name, "mac")) {
        write_mac(out, g, i, value);
    } else if (!strcmp(name, "ip")) {
        write_ips(out, g, i, value);
    } else {
        if (strcmp(name, "script"))
            check_name(g, i, name, value);
        for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]); p++)
            if (!strcmp(name, parts[p][0]))
                xml_put(out, parts[p][1], value, "'/>\n");
    }
}

void libvirt_vifs(struct buf *out, const struct guest *g)
{
    static const char *const names[] = {"mac", "bridge", "script", "backend", "vifname", "ip"};
    const struct cfg_key *k = vif_key(g);

    for (size_t i = 0; k && i < k->value.n; i++) {
        const char *s = k->value.items[i].str;

        warn_of_vif(g, k, s);
        buf_adds(out, "    <interface type='bridge'>\n");
        for (size_t p = 0; p < sizeof(names) / sizeof(names[0]); p++) {
            char *v = vif_value(s, names[p]);

            /* libvirt must name one; this is xl's own default */
            if (!v && !strcmp(names[p], "bridge"))
                v = xstrdup("xenbr0");
            if (v && *v)
                write_part(out, g, i, names[p], v);
            free(v);
        }
        buf_adds(out, "      <model type='netfront'/>\n    </interface>\n");
    }
}
