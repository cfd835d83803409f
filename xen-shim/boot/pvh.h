/* SPDX-License-Identifier: MIT */
/*
 * Start by Xen itself, without firmware and boot loader (type="pvh" with pvshim=1, Xen 4.10 and
 * later): the toolstack puts guest kernel and initrd beside us.  <xen/arch-x86/hvm/start_info.h>.
 */
#ifndef SHIM_PVH_H
#define SHIM_PVH_H

#include "bootinfo.h"

/* As XENMEM_memory_map writes it. */
struct e820_entry {
    u64 addr, size;
    u32 type;
} __attribute__((packed));

/*
 * Reads the start info at physical address pa, seen through memory at base.  memory_map asks L0 for
 * at most n entries and returns how many there are, or -XEN_Exxx: start infos of version 0 have
 * none of their own.  Strings stay where they are.  Returns NULL, or what is wrong, in words for
 * the operator.
 */
const char *pvh_read(struct boot_info *info, u32 pa, const u8 *base,
                     s64 (*memory_map)(struct e820_entry *map, u32 n));

#endif
