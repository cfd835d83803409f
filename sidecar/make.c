// SPDX-License-Identifier: MIT
#include "make.h"

#include <string.h>

#include "elftrim.h"
#include "firmware.h"
#include "grubcfg.h"
#include "pvgrub.h"
#include "reuse.h"

static void copy_fact(const struct plan *p, const char *word, struct buf *facts)
{
    char *value = store_says(&p->store, &p->donor, word);

    if (value)
        buf_addf(facts, "%s %s\n", word, value);
}

static void say_kernel(const struct guest *g, struct buf *facts)
{
    buf_addf(facts, "os %s\n", g->kernel.xen.guest_os[0] ? g->kernel.xen.guest_os : "PV");
    if (g->kernel.packing)
        buf_addf(facts, "unpacked %s\n", g->kernel.packing);
}

/* The file `vmlinux` of the work directory: from the donor, or packed here. */
static void put_kernel(struct plan *p, const struct options *opt, const struct output *o,
                       struct buf *facts)
{
    struct guest *g = &p->guest;
    enum packing how = options_packing(opt);
    struct buf *elf = &g->kernel.elf, packed = {0};

    if (p->has_donor && reuse_kernel(&p->store, &p->donor, o, "vmlinux")) {
        copy_fact(p, REUSE_VMLINUX, facts);
        copy_fact(p, "os", facts);
        copy_fact(p, "unpacked", facts);
        return;
    }
    if (p->has_donor)
        guest_check_kernel(g);
    elf_trim(elf);
    if (how == PACK_GZ)
        pack_gzip(elf->data, elf->len, &packed);
    else if (how == PACK_XZ)
        pack_xz(elf->data, elf->len, &packed);
    else if (how == PACK_LZO)
        pack_lzo(elf->data, elf->len, &packed);
    else
        packed = *elf;
    output_write(o, "vmlinux", packed.data, packed.len);
    buf_addf(facts, REUSE_VMLINUX " %s\n", hash_bytes(packed.data, packed.len).hex);
    say_kernel(g, facts);
}

/* The file `iso` of the work directory. */
static void make_iso(struct plan *p, const struct options *opt, const struct output *o,
                     struct buf *facts)
{
    struct guest *g = &p->guest;
    struct buf script = {0};
    struct iso_file files[5];
    size_t n = 0;

    put_kernel(p, opt, o, facts);
    grub_script(&script, opt->shim_cmdline, g->cmdline, g->ramdisk_path != NULL);
    output_write(o, "grub.cfg", script.data, script.len);
    files[n++] = (struct iso_file){"boot/grub/grub.cfg", output_path(o, "grub.cfg")};
    files[n++] = (struct iso_file){"boot/xen-shim", opt->shim};
    files[n++] = (struct iso_file){"boot/vmlinux", output_path(o, "vmlinux")};
    if (g->ramdisk_path) {
        output_write(o, "initrd", g->ramdisk.data, g->ramdisk.len);
        files[n++] = (struct iso_file){"boot/initrd", output_path(o, "initrd")};
    }
    if (!grub_exact(g->cmdline)) {
        output_write(o, "cmdline", g->cmdline, strlen(g->cmdline));
        files[n++] = (struct iso_file){"boot/cmdline", output_path(o, "cmdline")};
    }
    iso_make(o, "iso", files, n);
}

/* The same for the firmware's place. */
static void make_firmware(struct plan *p, const struct options *opt, const struct output *o,
                          struct buf *facts)
{
    struct guest *g = &p->guest;
    struct firmware f = {.shim = opt->shim,
                         .shim_cmdline = opt->shim_cmdline,
                         .cmdline = g->cmdline,
                         .ramdisk = g->ramdisk_path ? g->ramdisk : (struct buf){0},
                         .gzip = options_packing(opt) == PACK_GZ};
    long mib;

    elf_trim(&g->kernel.elf);
    f.kernel = g->kernel.elf;
    mib = firmware_mib(f.kernel.len, f.ramdisk.len);
    firmware_check_size(g->name, mib, g->memory);
    firmware_make(o, "iso", &f);
    buf_addf(facts, FIRMWARE_MIB " %ld\n", mib);
    say_kernel(g, facts);
}

void sidecar_make(struct plan *p, const struct options *opt)
{
    struct guest *g = &p->guest;
    struct buf facts = {0};
    struct output o;

    store_begin(&p->store, &p->recipe.key, opt->wait, &o);
    if (!opt->rebuild && store_has(&p->store, &p->recipe.key)) {
        output_end(&o); /* another has made it meanwhile */
        return;
    }
    if (g->boot == BOOT_UNIVERSAL)
        pvgrub_make(&o, g, &g->kernel);
    if (opt->medium == MEDIUM_FIRMWARE)
        make_firmware(p, opt, &o, &facts);
    else
        make_iso(p, opt, &o, &facts);
    store_commit(&p->store, &p->recipe, &o, &facts);
}
