/* SPDX-License-Identifier: MIT */
/*
 * Start as the domain's firmware: the toolstack loads a sidecar, one ELF of shim, guest kernel and
 * initrd, in hvmloader's place.  The builder has described the modules as Xen would (pvh.h); the
 * memory is described by the toolstack, for hvmloader.  <xen/hvm/hvm_info_table.h>
 */
#ifndef SHIM_FIRMWARE_H
#define SHIM_FIRMWARE_H

#include "pvh.h"

/* Reads the toolstack's table in the memory seen at base.  Writes at most n entries, all of them
 * RAM, and returns how many: 0 if there is no such table, or it is damaged. */
s64 firmware_map(struct e820_entry *map, u32 n, const u8 *base);

#endif
