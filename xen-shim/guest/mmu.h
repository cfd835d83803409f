/* SPDX-License-Identifier: MIT */
/*
 * The guest's page tables.  The hardware walks the guest's own tables; entries are stored as the
 * guest wrote them.  The one thing kept true: every L4 that can be loaded has the hypervisor's
 * slots 256-271.
 */
#ifndef SHIM_MMU_H
#define SHIM_MMU_H

#include "hypercall.h"
#include "vcpu.h"

/* Puts the hypervisor's slots into a frame that is about to be loaded as L4. */
void mmu_prepare_l4(u64 mfn);

/* Loads v's kernel table, on v itself. */
void mmu_load(struct vcpu *v);

/* An mmu_update or mmuext_op, fn, that was preempted: does the rest, and adds what was done before.
 */
s64 mmu_continued(hypercall_fn *fn, u64 list, u64 count, u64 done_addr, u64 foreign);
/* Stores the number of entries done at a guest address, 0 = nowhere; a bad one is no error. */
void mmu_write_done(u64 addr, u64 done);

/* mmu_user.c: sets v->separate_user.  Before a return to user mode when v->user_table_dirty. */
void mmu_choose_user_table(struct vcpu *v);
/* On v itself, when cr3 or user_cr3 was set: the choice is due, or known. */
void mmu_tables_set(struct vcpu *v);
/* Is the loaded table one that may lack the kernel's memory? */
static inline bool guest_table_is_users(const struct vcpu *v)
{
    return v->separate_user && !v->kernel_mode;
}
/* On v itself, in user mode: the same, in force at once. */
void mmu_rechoose_user_table(struct vcpu *v);
/* On v itself, in user mode and without isolation: its own table, whatever the kernel's has; until
 * the choice is made again. */
void mmu_run_on_own_table(struct vcpu *v);
/* Tables of the kernel's half have the U bit, or are about to get it as user mode of some L4 may
 * reach them: from now on no user mode runs on its kernel's table.  Returns when none does. */
void mmu_open_upper_half(void);
/* On v itself, without isolation, when its kernel has another stack: looks for U there, where that
 * wasn't done before. */
void mmu_check_kernel_stack(struct vcpu *v);
/* An L4 was written or pinned; or the L3 of a 32-bit guest, and then its vCPUs' copies are as it
 * is. mmu_l4_changed: any, anywhere; the others: what is in frame mfn, should that be one. */
void mmu_l4_changed(void);
void mmu_l4_entry_changed(u64 mfn, u64 slot);
void mmu_l4_frame_changed(u64 mfn);

/* Where the L1 entry for a guest address lies in table l4, or NULL; level-2 or higher absent or
 * large.  NULL for an address in the hypervisor's slots, though a guest that has its L4 as one of
 * its own tables can come to them by that way. */
u64 *mmu_l1_entry(u64 l4_pa, u64 addr);

/* Fault of the guest at addr; true when repaired so that the access can be tried again. */
bool mmu_fault_repair(struct vcpu *v, u64 addr, u32 error_code);

/* user_fault.c: a page fault in user mode.  0: mended, the access can be tried again; else the
 * error code that the guest would see on Xen. */
u32 mmu_user_fault(struct vcpu *v, u64 addr, u32 error_code);
/* For a write in the lower half, the short answer: mmu_user_fault would change nothing. */
bool mmu_user_read_only(const struct vcpu *v, u64 addr);

/* Is this frame an L4 that some vCPU may have loaded, or a 32-bit guest's L3? */
bool mmu_is_root(u64 mfn);

#endif
