/* SPDX-License-Identifier: MIT */
/*
 * What a loader hands over, in one form.  Contract: the image's string is the shim's command line;
 * module 1 is the guest kernel and its string the guest's command line, taken as it is; module 2,
 * if there, the initrd.
 */
#ifndef SHIM_BOOTINFO_H
#define SHIM_BOOTINFO_H

#include "types.h"

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

/* Adds bytes of RAM, or a module; return NULL, or what is wrong, in words for the operator. */
const char *boot_add_ram(struct boot_info *info, u64 start, u64 len);
const char *boot_add_module(struct boot_info *info, u64 start, u64 end, const char *string);

#endif
