// SPDX-License-Identifier: MIT
/*
 * Domain XML of our own and not libvirt's `virsh domxml-from-native xen-xl`: that one leaves out
 * device_model_args and the disks' backend, so the domain would have no sidecar, and an emulated
 * twin of each disk. (libvirt 9.0; the scenario shim-libvirt runs what is written here.)
 */
#include "libvirtxml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cfgkeys.h"

static void text(struct buf *out, const char *s)
{
    for (; *s; s++) {
        if (*s == '<')
            buf_adds(out, "&lt;");
        else if (*s == '&')
            buf_adds(out, "&amp;");
        else if (*s == '\'')
            buf_adds(out, "&apos;");
        else
            buf_add(out, s, 1);
    }
}

/* BEFORE, the text, AFTER */
static void put(struct buf *out, const char *before, const char *s, const char *after)
{
    buf_adds(out, before);
    text(out, s);
    buf_adds(out, after);
}

static const char *key_str(const struct guest *g, const char *name)
{
    const struct cfg_key *k = cfg_find(&g->cfg, name);

    return k ? k->value.str : NULL;
}

static bool is_cpuset(const char *s)
{
    return s && *s && strspn(s, "0123456789,^-") == strlen(s);
}

/* Whether write_keys() or write_cpus() has a place for what this key says. */
static bool has_place(const struct cfg_key *k)
{
    static const char *const whole[] = {"name",           "uuid",       "vcpus",
                                        "maxvcpus",       "cpu_weight", "localtime",
                                        "rtc_timeoffset", "tsc_mode",   "hap"};
    const char *v = k->value.str;

    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
        if (!strcmp(k->name, whole[i]))
            return true;
    if (!strcmp(k->name, "on_poweroff") || !strcmp(k->name, "on_reboot"))
        return v && (!strcmp(v, "destroy") || !strcmp(v, "restart") || !strcmp(v, "preserve") ||
                     !strcmp(v, "rename-restart"));
    if (!strcmp(k->name, "on_crash"))
        return v && strcmp(v, "soft-reset");
    if (!strcmp(k->name, "cpus")) {
        for (size_t i = 0; i < k->value.n; i++)
            if (!is_cpuset(k->value.items[i].str))
                return false;
        return v ? is_cpuset(v) || !strcmp(v, "all") : k->value.n > 0;
    }
    return false;
}

static void warn_of_others(const struct guest *g)
{
    for (size_t i = 0; i < g->cfg.n; i++) {
        const struct cfg_key *k = &g->cfg.keys[i];
        const struct key_rule *r = cfgkeys_find(k->name);

        if (r && r->fate == KEY_KEPT && !has_place(k))
            warn("%s:%u: %s: left out; libvirt's XML has no place for it", g->cfg.path, k->line,
                 k->name);
    }
}

static void write_cpus(struct buf *out, const struct guest *g)
{
    const struct cfg_key *cpus = cfg_find(&g->cfg, "cpus");
    const char *weight = key_str(g, "cpu_weight");
    bool pins = cpus && !cpus->value.str && has_place(cpus);

    buf_adds(out, "  <vcpu placement='static'");
    if (cpus && is_cpuset(cpus->value.str))
        put(out, " cpuset='", cpus->value.str, "'");
    if (g->maxvcpus > g->vcpus)
        buf_addf(out, " current='%ld'", g->vcpus);
    buf_addf(out, ">%ld</vcpu>\n", g->maxvcpus);
    if (!pins && !weight)
        return;
    buf_adds(out, "  <cputune>\n");
    if (weight)
        buf_addf(out, "    <shares>%ld</shares>\n", cfg_long(&g->cfg, "cpu_weight", 256, 1, 65535));
    for (size_t i = 0; pins && i < cpus->value.n && (long)i < g->maxvcpus; i++)
        buf_addf(out, "    <vcpupin vcpu='%zu' cpuset='%s'/>\n", i, cpus->value.items[i].str);
    buf_adds(out, "  </cputune>\n");
}

static void write_clock(struct buf *out, const struct guest *g)
{
    static const char *const modes[][2] = {
        {"default", "auto"},  {"always_emulate", "emulate"},
        {"native", "native"}, {"native_paravirt", "paravirt"},
        {"0", "auto"},        {"1", "emulate"},
        {"2", "native"},      {"3", "paravirt"},
    };
    const char *mode = key_str(g, "tsc_mode"), *word = NULL;
    long offset = cfg_long(&g->cfg, "rtc_timeoffset", 0, -2147483647, 2147483647);
    bool local = cfg_long(&g->cfg, "localtime", 0, 0, 1);

    for (size_t i = 0; mode && i < sizeof(modes) / sizeof(modes[0]); i++)
        if (!strcmp(mode, modes[i][0]))
            word = modes[i][1];
    if (offset)
        buf_addf(out, "  <clock offset='variable' adjustment='%ld' basis='%s'", offset,
                 local ? "localtime" : "utc");
    else
        buf_addf(out, "  <clock offset='%s'", local ? "localtime" : "utc");
    if (word)
        buf_addf(out, ">\n    <timer name='tsc' present='yes' mode='%s'/>\n  </clock>\n", word);
    else
        buf_adds(out, "/>\n");
}

static void write_events(struct buf *out, const struct guest *g)
{
    static const char *const events[][2] = {
        {"on_poweroff", "destroy"}, {"on_reboot", "restart"}, {"on_crash", "destroy"}};

    for (size_t i = 0; i < 3; i++) {
        const struct cfg_key *k = cfg_find(&g->cfg, events[i][0]);

        buf_addf(out, "  <%s>", events[i][0]);
        put(out, "", k && has_place(k) ? k->value.str : events[i][1], "");
        buf_addf(out, "</%s>\n", events[i][0]);
    }
}

/* Where the backend's domain is named, libxl gives the disk no emulated twin: disk.c. */
static void write_disk(struct buf *out, const struct guest *g, size_t i)
{
    const struct cfg_key *k = cfg_find(&g->cfg, "disk");
    const struct guest_disk *d = &g->disks[i];
    /* phy:vg/lv is below /dev */
    bool relative = d->target && !strncmp(d->spec, "phy:", 4) && d->target[0] != '/';
    bool block = d->target && (relative || !strncmp(d->target, "/dev/", 5));
    bool raw = !d->format || !strcmp(d->format, "raw");
    bool phy = raw && block && (!d->backend || !strcmp(d->backend, "phy"));

    if (!d->plain)
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
             raw                         ? "raw"
             : !strcmp(d->format, "vhd") ? "vpc"
                                         : d->format);
    if (d->target && *d->target)
        put(out,
            relative ? "      <source dev='/dev/"
            : block  ? "      <source dev='"
                     : "      <source file='",
            d->target, "'/>\n");
    put(out, "      <backenddomain name='", d->domain ? d->domain : "Domain-0", "'/>\n");
    put(out, "      <target dev='", d->vdev, "' bus='xen'/>\n");
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

static void write_vifs(struct buf *out, const struct guest *g)
{
    static const char *const parts[][3] = {
        {"mac", "      <mac address='", "'/>\n"},
        {"bridge", "      <source bridge='", "'/>\n"},
        {"script", "      <script path='", "'/>\n"},
        {"backend", "      <backenddomain name='", "'/>\n"},
        {"vifname", "      <target dev='", "'/>\n"},
        {"ip", "      <ip address='", "'/>\n"},
    };
    const struct cfg_key *k = cfg_find(&g->cfg, "vif");

    if (!k)
        return;
    if (k->value.str)
        cfg_die(&g->cfg, k, "is a string; write a list, vif=[ \"...\" ]");
    for (size_t i = 0; i < k->value.n; i++) {
        const char *s = k->value.items[i].str;

        if (!s)
            cfg_die(&g->cfg, k, "entry %zu is a list; write a string", i + 1);
        warn_of_vif(g, k, s);
        buf_adds(out, "    <interface type='bridge'>\n");
        for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]); p++) {
            char *v = vif_value(s, parts[p][0]);

            /* libvirt must name one; this is xl's own default */
            if (v || p == 1)
                put(out, parts[p][1], v ? v : "xenbr0", parts[p][2]);
            free(v);
        }
        buf_adds(out, "      <model type='netfront'/>\n    </interface>\n");
    }
}

/* By the device model's arguments, so that the guest doesn't see it: hvmcfg.c. */
static void write_sidecar(struct buf *out, const char *iso, enum medium medium)
{
    char **args = hvm_sidecar_args(iso, medium);

    buf_adds(out, "  <xen:commandline>\n");
    for (; *args; args++)
        put(out, "    <xen:arg value='", *args, "'/>\n");
    buf_adds(out, "  </xen:commandline>\n");
}

void libvirtxml_write(struct buf *out, const struct guest *g, const char *iso, enum medium medium)
{
    const char *uuid = key_str(g, "uuid");
    long more = hvm_memory_more(g);

    warn_of_others(g);
    put(out, "<domain type='xen' xmlns:xen='http://libvirt.org/schemas/domain/xen/1.0'>\n  <name>",
        g->name, "</name>\n");
    if (uuid)
        put(out, "  <uuid>", uuid, "</uuid>\n");
    buf_addf(out,
             "  <memory unit='KiB'>%ld</memory>\n  <currentMemory unit='KiB'>%ld</currentMemory>\n",
             (g->maxmem + more) * 1024, (g->memory + more) * 1024);
    write_cpus(out, g);
    buf_addf(out, "  <os>\n    <type arch='x86_64' machine='xenfv'>hvm</type>\n    <boot "
                  "dev='cdrom'/>\n  </os>\n"
                  "  <features>\n    <acpi/>\n    <apic/>\n    <pae/>\n");
    if (key_str(g, "hap"))
        buf_addf(out, "    <hap state='%s'/>\n", cfg_long(&g->cfg, "hap", 1, 0, 1) ? "on" : "off");
    buf_adds(out, "  </features>\n");
    write_clock(out, g);
    write_events(out, g);
    buf_adds(out, "  <devices>\n");
    for (size_t i = 0; i < g->n_disks; i++)
        write_disk(out, g, i);
    write_vifs(out, g);
    /* the PV console, as before; the card has no screen */
    buf_adds(out, "    <console type='pty'>\n      <target type='xen'/>\n    </console>\n");
    buf_addf(out, "    <video>\n      <model type='cirrus' vram='%d'/>\n    </video>\n",
             HVM_VIDEO_MIB * 1024);
    buf_adds(out, "    <memballoon model='xen'/>\n  </devices>\n");
    write_sidecar(out, iso, medium);
    buf_adds(out, "</domain>\n");
}

void libvirtxml_remark(struct buf *out, const struct buf *lines)
{
    buf_adds(out, "<?mk-sidecar\n");
    for (size_t i = 0; i < lines->len; i++) {
        buf_add(out, lines->data + i, 1);
        if (lines->data[i] == '?' && i + 1 < lines->len && lines->data[i + 1] == '>')
            buf_adds(out, " ");
    }
    buf_adds(out, "?>\n");
}
