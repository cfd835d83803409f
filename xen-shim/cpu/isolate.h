/* SPDX-License-Identifier: MIT */
/*
 * Isolation of the guest's kernel from its own user space, where the CPU has Meltdown.  User mode
 * then runs on a copy of the guest's user L4, one for each vCPU, and of the shim's slots only what
 * the way in and out needs is in it: the image's code, the IDT, and of this vCPU the SYSCALL stub,
 * GDT, LDT, IST stacks and the lobby (vcpu.h).  While user mode runs nothing in these pages tells
 * of the kernel: no register, no address but CR3's (selftest.c looks).  Two CR3 loads for each
 * visit to user mode, so it's a choice at start.
 *
 * The copy is made anew on the way to user mode after a change (mmu_l4_changed), and by the flush
 * that such a change asks for while user mode runs (kick_answer).
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

/* A page of the image, in the tables of all vCPUs, or one of a vCPU's area, in its own.  The image
 * first.  While the shim may still take memory, or where something was mapped before. */
void isolate_map_page(u64 addr, mfn_t mfn, u64 flags);

/* The same; nothing without isolation. */
static inline void isolate_map(u64 addr, mfn_t mfn, u64 flags)
{
    if (isolate)
        isolate_map_page(addr, mfn, flags);
}

/* A page of a vCPU's area: in the table that all have, and in user mode's. */
static inline void map_both(u64 addr, mfn_t mfn, u64 flags)
{
    map_page(addr, mfn, flags);
    isolate_map(addr, mfn, flags);
}

/* mmu_user.c: before a return to user mode after a change of tables. */
void isolate_choose_table(struct vcpu *v);

/* A 32-bit guest: v's user mode always runs on the L4 that has this in slot 0. */
void isolate_set_table(struct vcpu *v, u64 slot0);

/* The L4 that v's user mode runs on; NULL: the kernel's. */
const u64 *isolate_table(const struct vcpu *v);

#endif
