/* SPDX-License-Identifier: MIT */
/* Descriptors for tests. */
#ifndef SEGMENTS_H
#define SEGMENTS_H

#include "guest.h"

#define DESC(base, type, limit)                                                                    \
    ((u64)(limit & 0xffff) | ((u64)(base)&0xffffff) << 16 | (u64)(type) << 40 |                    \
     (u64)((limit) >> 16 & 15) << 48 | 0xcULL << 52 | (u64)((base) >> 24 & 0xff) << 56)
#define GATE(sel, type) ((u64)(type) << 40 | (u64)(sel) << 16)
#define DATA_DPL3       0xf3
#define DATA_DPL0       0x93
#define CODE_DPL3       0xfb

/* gates.c.  Loads DS and reads it back; the trap, if there was one, is in last_trap. */
long load_ds(u16 sel);
void test_gdt_gates(void);
void test_ldt_gates(void);

#endif
