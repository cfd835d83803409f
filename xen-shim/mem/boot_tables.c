// SPDX-License-Identifier: MIT
/* The first page tables.  boot.S fills them in before there is C, map.c gives them their final
 * rights. */
#include "map.h"

#define TABLE __attribute__((section(".bss.page"), aligned(4096)))

u64 boot_l4[512] TABLE;
u64 boot_l3_direct[512] TABLE, boot_l2_direct[4 * 512] TABLE;
u64 boot_l3_image[512] TABLE, boot_l2_image[512] TABLE, boot_l1_image[512] TABLE;
