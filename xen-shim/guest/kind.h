/* SPDX-License-Identifier: MIT */
/*
 * What differs between guests of 64 and of 32 bits where the code is one.  Chosen once, when the
 * kernel's file has been looked at; the paths that must be fast are separate from the entry point
 * on and don't ask (trap.c and trap32.c, hypercall.c and abi/compat/).
 */
#ifndef SHIM_KIND_H
#define SHIM_KIND_H

#include "decode.h"
#include "vcpu.h"

struct start_info;

struct kind {
    /* boot/: once, while the shim may still take pages; guest.shared_mfn is set. */
    void (*init)(void);
    void (*hypercall_page)(u8 *page);
    void (*first_regs)(struct regs *r, u64 entry, u64 stack, u64 start_info);

    /* bounce.c and bounce32.c, for the slow ways: as bounce_* of trap.h. */
    void (*exception)(struct vcpu *v, struct regs *r, unsigned int vector, u32 error_code);
    void (*soft_interrupt)(struct vcpu *v, struct regs *r, unsigned int vector);
    void (*page_fault)(struct vcpu *v, struct regs *r, u64 addr, u32 error_code);
    void (*failsafe)(struct vcpu *v, struct regs *r, const u16 sel[4]);
    bool (*sysenter)(struct vcpu *v, struct regs *r);
    void (*exit_work)(struct vcpu *v, struct regs *r);
    /* far.c: an instruction of the kernel's that faulted with a selector. */
    bool (*far)(struct vcpu *v, struct regs *r, const struct insn *in, u32 error_code);
    /* For user mode's fault where an instruction was done in its place: 0 = mended. */
    u32 (*user_fault)(struct vcpu *v, u64 addr, u32 error_code);

    /* mmu.h and mmu32.h.  A root is an L4 or an L3. */
    u8 root_level, root_flags; /* and what is noted in the state of a pinned one */
    u32 hole_slot, hole_slots; /* of the tables of which has_hole is true */
    s64 hole_error;
    bool (*has_hole)(mfn_t mfn);
    s64 (*root_entry)(const u64 *entry, u64 val); /* may it be stored in a root? NULL: any may */
    s64 (*set_root)(struct vcpu *v, mfn_t mfn);   /* v need not run */
    s64 (*new_root)(struct vcpu *v, mfn_t mfn);   /* on v; loads it */
    u64 (*read_cr3)(const struct vcpu *v);
    mfn_t (*frame_of_cr3)(u64 cr3);
    void (*load)(struct vcpu *v);
    void (*prepare_root)(mfn_t mfn); /* pinned */
    /* start.c: a vCPU's tables; and the segment bases, behind the selectors. */
    void (*start_tables)(struct vcpu *v);
    void (*load_bases)(const struct vcpu *v);

    /* desc.c: false = can't be in a guest's table. */
    bool (*fix_descriptor)(u64 *d);
    /* cpuid.c and msr.c: what such a guest doesn't see. */
    void (*cpuid)(struct cpuid *c, u32 leaf, u32 subleaf);
    bool (*has_msr)(u32 msr);
    u64 (*efer)(u64 efer);
};

extern const struct kind kind64, kind32;
extern const struct kind *kind;

#endif
