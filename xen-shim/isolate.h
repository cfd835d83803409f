/* SPDX-License-Identifier: MIT */
/*
 * Isolation of the guest's kernel from its own user space, where the CPU has Meltdown: user mode
 * then runs on the guest's own user L4, as on Xen, and of the shim's slots only what the way in and
 * out needs is in it: the image's code, IDT, GDT and LDT, and of each vCPU the SYSCALL stub, the
 * IST stacks and the lobby (vcpu.h). Two CR3 loads for each visit to user mode, so it's a choice at
 * start.
 *
 * In and out: isolate.S.  C code always runs on the kernel's table.  What can't be isolated: a
 * guest that has one table for both modes.
 */
#ifndef SHIM_ISOLATE_H
#define SHIM_ISOLATE_H

#include "map.h"
#include "vcpu.h"

/* Does it take place?  Set once, before any vCPU area exists. */
extern bool isolate;

/* word: value of isolate=, "yes" or "no"; "" looks at the CPU.  Refuses others. */
void isolate_init(const char *word);

extern u64 *isolate_l3; /* of slot 257 in user mode's table */

/* The page is seen in user mode's table too; nothing without isolation. While the shim may still
 * take memory, or where something was mapped before. */
static inline void isolate_map(u64 addr, mfn_t mfn, u64 flags)
{
    if (isolate)
        map_page_in(isolate_l3, addr, mfn, flags);
}

/* A page of a vCPU's area: in the table that all have, and in user mode's. */
static inline void map_both(u64 addr, mfn_t mfn, u64 flags)
{
    map_page(addr, mfn, flags);
    isolate_map(addr, mfn, flags);
}

/* mmu_user.c: before a return to user mode after a change of tables. */
void isolate_choose_table(struct vcpu *v);

#endif
