/* SPDX-License-Identifier: MIT */
/*
 * What the quick ways in assembly (hypercall64.S, syscall64.S, page_fault64.S) call in the rooms
 * above; told at start.  Called on the kernel's table, with interrupts off, without a struct regs.
 */
#ifndef SHIM_QUICK_H
#define SHIM_QUICK_H

#include "vcpu.h"

struct quick_ways {
    /* mmuext_op: 0 = done; else nothing was, and do_mmuext_op is to be called */
    u32 (*mmuext)(u64 ops, u64 count);
    /* mmu_choose_user_table */
    void (*choose_user_table)(struct vcpu *v);
    /* mmu_user_read_only */
    bool (*user_read_only)(const struct vcpu *v, u64 addr);
};
extern struct quick_ways quick_ways;

#endif
