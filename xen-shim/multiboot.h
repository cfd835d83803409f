/* SPDX-License-Identifier: MIT */
/*
 * What the loader hands over, Multiboot 1 or 2 read into one form.  Contract: the image's string
 * is the shim's command line; module 1 is the guest kernel and its string the guest's command
 * line, taken as it is; module 2, if there, the initrd.
 */
#ifndef SHIM_MULTIBOOT_H
#define SHIM_MULTIBOOT_H

#include "types.h"

#define MULTIBOOT1_MAGIC 0x2badb002u
#define MULTIBOOT2_MAGIC 0x36d76289u

#define BOOT_MAX_RAM     32
#define BOOT_MAX_MODULES 3

struct boot_module {
    u64 start, end; /* physical bytes */
    const char *string;
};

struct boot_info {
    const char *cmdline;
    struct {
        u64 start, end; /* physical bytes of RAM, in ascending order, not overlapping */
    } ram[BOOT_MAX_RAM];
    unsigned int nr_ram;
    struct boot_module module[BOOT_MAX_MODULES];
    unsigned int nr_modules;
};

/*
 * Reads the loader's structures at physical address pa, seen through memory at base (the direct
 * map, or a test's buffer).  Strings stay where the loader put them.  Returns NULL, or what is
 * wrong, in words for the operator.
 */
const char *multiboot_read(struct boot_info *info, u32 magic, u32 pa, const u8 *base);

#endif
