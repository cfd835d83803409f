/* SPDX-License-Identifier: MIT */
/*
 * Page tables of a 32-bit PAE guest.  Each vCPU has an L4 of the shim's, and below it a copy of the
 * four entries of the L3 that the guest loaded: those have rights of their own, which in the
 * guest's are reserved.  From the L2s on the tables are the guest's.  In its last L2 the hypervisor
 * has the slots from PV32_HOLE_START on, with the machine-to-phys table.
 *
 * v->cr3 is the L4, which never changes; v->user_cr3 the guest's L3.
 */
#ifndef SHIM_MMU32_H
#define SHIM_MMU32_H

#include "map.h"
#include "vcpu.h"

/* build.c, once: the tables of all vCPUs, with their translation areas. */
void mmu32_init(void);

/* A page table of the shim's own, noted as one of that level.  While it may still take memory. */
u64 *mmu32_own_table(u8 level);
/* An entry that leads to a table lets through what the tables below have as rights. */
#define ALL_RIGHTS (PTE_P | PTE_W | PTE_U | PTE_A)
static inline u64 mmu32_table_entry(const u64 *own_table)
{
    return ((u64)own_table - DIRECT_MAP) | ALL_RIGHTS;
}

/* v goes on with an L3; it need not run.  0 or -XEN_EINVAL. */
s64 mmu32_set_root(struct vcpu *v, mfn_t mfn);
/* The same on v, which runs on it when this returns. */
s64 mmu32_new_root(struct vcpu *v, mfn_t mfn);
/* Loads v's tables, on v itself. */
void mmu32_load(struct vcpu *v);
/* An L3 was written: all copies are as it is when this returns.  Flushing is the caller's. */
void mmu32_root_changed(void);
/* v's copy is made anew, on v itself, as other rights hold in it from now on (isolate32.c). */
void mmu32_copy_root_again(struct vcpu *v);
/* An L3 is pinned: its last L2 gets the hypervisor's slots. */
void mmu32_prepare_root(mfn_t mfn);
/* May val be stored in this entry of an L3 in use? 0 or -XEN_EINVAL. */
s64 mmu32_root_entry(const u64 *entry, u64 val);
/* Could a vCPU that goes on at eip run on it: is it pinned, or does it map that? */
bool mmu32_root_ok(mfn_t mfn, u32 eip);
/* Is it an L2 that has them? */
bool mmu32_has_hole(mfn_t mfn);

/* Slots of the last L2, from PV32_HOLE_START on. */
#define HOLE32_SLOT  ((PV32_HOLE_START >> 21) & 511)
#define HOLE32_SLOTS (512 - HOLE32_SLOT)

#endif
