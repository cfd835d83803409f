/* SPDX-License-Identifier: MIT */
/* Multiboot 1 and 2. */
#ifndef SHIM_MULTIBOOT_H
#define SHIM_MULTIBOOT_H

#include "bootinfo.h"

#define MULTIBOOT1_MAGIC 0x2badb002u
#define MULTIBOOT2_MAGIC 0x36d76289u

/*
 * Reads the loader's structures at physical address pa, seen through memory at base (the direct
 * map, or a test's buffer).  Strings stay where the loader put them.  Returns NULL, or what is
 * wrong, in words for the operator.
 */
const char *multiboot_read(struct boot_info *info, u32 magic, u32 pa, const u8 *base);

#endif
