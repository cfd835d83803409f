/* SPDX-License-Identifier: MIT */
/* Change of the guest's mode: the active and the inactive GS base change places, and the page table
 * where user mode has its own.  Inline, as it is in the way of every fault. */
#ifndef SHIM_MODE_H
#define SHIM_MODE_H

#include "count.h"
#include "mmu.h"
#include "regs.h"
#include "vcpu.h"

static inline void mode_enter_kernel(struct vcpu *v)
{
    v->kernel_mode = true;
    swapgs();
    if (v->separate_user) {
        COUNT(cr3_load);
        write_cr3(v->cr3);
    }
}

/* With the user table that the vCPU has, or chooses now. */
static inline void mode_enter_user(struct vcpu *v)
{
    v->kernel_mode = false;
    swapgs();
    if (unlikely(v->user_table_dirty))
        mmu_choose_user_table(v);
    if (v->separate_user) {
        COUNT(cr3_load);
        write_cr3(v->user_cr3);
    }
}

#endif
