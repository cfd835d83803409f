/* SPDX-License-Identifier: MIT */
/* Instructions that trap because the guest's kernel doesn't run in ring 0. */
#ifndef SHIM_EMULATE_H
#define SHIM_EMULATE_H

#include "decode.h"
#include "vcpu.h"
#include "walk.h"

/* #GP and #UD of the guest: emulated, or bounced to it. */
void emulate_gp(struct vcpu *v, struct regs *r);
void emulate_ud(struct vcpu *v, struct regs *r);

/* The instruction at RIP, read with the rights of the mode that runs it.  DECODE_MORE: it can't be
 * read to its end, and *f is why.  Of others than DECODED the shim knows nothing. */
enum decode_result emulate_fetch(const struct vcpu *v, const struct regs *r, struct insn *in,
                                 struct fault *f);
/* The last thing of an instruction done in the CPU's place: on at rip, after a stop if it goes step
 * by step. */
void emulate_done(struct vcpu *v, struct regs *r, u64 rip);

/* cpuid.c: the PV view of CPUID in r's EAX-EDX.  forced: by the "ud2; xen" prefix. */
void emulate_cpuid(struct vcpu *v, struct regs *r, bool forced);
/* The same of a leaf of the CPU's, for adopt.c; zeros where there is none. */
struct cpuid guest_cpuid(u32 leaf, u32 subleaf);

/* msr.c: false = #GP. */
bool emulate_rdmsr(struct vcpu *v, u32 msr, u64 *val);
bool emulate_wrmsr(struct vcpu *v, u32 msr, u64 val);

#endif
