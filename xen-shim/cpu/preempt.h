/* SPDX-License-Identifier: MIT */
/*
 * Preemption of hypercalls.  The shim runs with interrupts off, so what the guest may make as long
 * as it likes is done in slices: when a slice's work is done, the guest is put back on its SYSCALL
 * with arguments that name the rest.  On the way there interrupts and events get their turn; then
 * it executes SYSCALL again.  Which arguments name the rest is the ABI's (<xen/xen.h>, and Xen's
 * own continuations, as a saved guest may hold them).
 *
 * Work is counted, not timed: a TSC read may cost an exit, and a count is the same on any machine.
 * Nor is it asked whether something is pending: that would be an exit, too, and waits for a slice
 * at most.
 */
#ifndef SHIM_PREEMPT_H
#define SHIM_PREEMPT_H

#include "vcpu.h"

/* Of the count of mmu_update and mmuext_op: it goes on, and what was done before is to be added. */
#define MMU_COUNT_PREEMPTED (1u << 31)

/* A unit is about 0.1 us: a page-table entry, a small hypercall.  A slice is some 100 us. */
#define WORK_SLICE 1024
#define WORK_L0    16 /* a call to L0: an exit and a little */
#define WORK_PAGE  8  /* what L0 has to do for a page; a page cleared or copied here */
#define WORK_FLUSH 4  /* a TLB emptied */
#define WORK_STORE                                                                                 \
    4 /* an entry of a table that isn't a pinned L1, with what it takes to judge it */
#define WORK_OTHERS 64 /* other vCPUs asked, and waited for */

/* Takes note of work; true when the slice is over. */
static inline bool work_done(struct vcpu *v, s32 units)
{
    return (v->work -= units) < 0;
}

/* Instead of a result: the call isn't finished.  A guest may make a call return this number, too
 * (get_debugreg), so who hands results on looks at v->again.wanted. */
#define CALL_AGAIN (-0x10000L)

/* Return this: the call goes on with these in place of its first n (at most 3) arguments. */
static inline s64 call_again(struct vcpu *v, u32 n, u64 a1, u64 a2, u64 a3)
{
    v->again.wanted = true;
    v->again.n = n;
    v->again.arg[0] = a1;
    v->again.arg[1] = a2;
    v->again.arg[2] = a3;
    return CALL_AGAIN;
}

#endif
