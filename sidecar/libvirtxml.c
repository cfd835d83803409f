// SPDX-License-Identifier: MIT
/*
 * Domain XML of our own and not libvirt's `virsh domxml-from-native xen-xl`: that one leaves out
 * device_model_args and the disks' backend, so the domain would have no sidecar, and an emulated
 * twin of each disk. (libvirt 9.0; the scenario shim-libvirt runs what is written here.)
 */
#include "libvirtxml.h"

#include <string.h>

#include "cfgkeys.h"
#include "libvirtdev.h"
#include "xmlout.h"

static const char *key_str(const struct guest *g, const char *name)
{
    const struct cfg_key *k = cfg_find(&g->cfg, name);

    return k ? k->value.str : NULL;
}

/* The key, if libvirt has a place for what it says. */
static const struct cfg_key *kept(const struct guest *g, const char *name)
{
    const struct cfg_key *k = cfg_find(&g->cfg, name);
    const struct key_rule *r = k ? cfgkeys_find(k, NULL) : NULL;

    return r && r->fate[TOOLSTACK_LIBVIRT] == KEY_KEPT ? k : NULL;
}

static void write_cpus(struct buf *out, const struct guest *g)
{
    const struct cfg_key *cpus = kept(g, "cpus");
    const char *weight = key_str(g, "cpu_weight");
    bool pins = cpus && !cpus->value.str;

    buf_adds(out, "  <vcpu placement='static'");
    if (cpus && cpus->value.str)
        xml_put(out, " cpuset='", cpus->value.str, "'");
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
        const struct cfg_key *k = kept(g, events[i][0]);

        buf_addf(out, "  <%s>", events[i][0]);
        xml_put(out, "", k ? k->value.str : events[i][1], "");
        buf_addf(out, "</%s>\n", events[i][0]);
    }
}

/* By the device model's arguments, so that the guest doesn't see it: hvmcfg.c. */
static void write_sidecar(struct buf *out, const struct guest *g, const char *iso,
                          enum medium medium)
{
    char **args = hvm_sidecar_args(g, iso, medium);

    buf_adds(out, "  <xen:commandline>\n");
    for (; *args; args++)
        xml_put(out, "    <xen:arg value='", *args, "'/>\n");
    buf_adds(out, "  </xen:commandline>\n");
}

void libvirtxml_write(struct buf *out, const struct guest *g, const char *iso, enum medium medium)
{
    long more = hvm_memory_more(g);

    xml_put(out,
            "<domain type='xen' xmlns:xen='http://libvirt.org/schemas/domain/xen/1.0'>\n  <name>",
            g->name, "</name>\n");
    if (g->uuid)
        xml_put(out, "  <uuid>", g->uuid, "</uuid>\n");
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
        libvirt_disk(out, g, i);
    libvirt_vifs(out, g);
    /* the PV console, as before; the card has no screen */
    buf_adds(out, "    <console type='pty'>\n      <target type='xen'/>\n    </console>\n");
    buf_addf(out, "    <video>\n      <model type='cirrus' vram='%d'/>\n    </video>\n",
             HVM_VIDEO_MIB * 1024);
    buf_adds(out, "    <memballoon model='xen'/>\n  </devices>\n");
    write_sidecar(out, g, iso, medium);
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
