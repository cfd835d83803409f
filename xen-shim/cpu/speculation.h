/* SPDX-License-Identifier: MIT */
/*
 * Speculation control: what of it the guest is offered, and what the shim does on the way to user
 * mode.  Bits and MSRs: Intel SDM volume 4, AMD64 APM volume 2 (3.2.9),
 * <xen/arch-x86/cpufeatureset.h>, whose letter A says that PV guests have it: SPEC_CTRL with IBRS,
 * STIBP and SSBD, and IBPB.
 *
 * The MSRs are the CPU's own: L0 switches SPEC_CTRL with the vCPU, for user mode and kernel alike.
 *
 * VERW, where CPUID has MD_CLEAR and the CPU doesn't say MDS_NO, clears the CPU's buffers before
 * user mode runs, as Xen does it for its PV guests: kernels older than the flaw rely on that.
 */
#ifndef SHIM_SPECULATION_H
#define SHIM_SPECULATION_H

#include "types.h"

#define MSR_SPEC_CTRL 0x48
#define MSR_PRED_CMD  0x49

/* VERW at each return to user mode?  syscall64.S and entry.S look at it. */
extern bool verw;

/* word: value of verw=, "yes" or "no"; "" asks the CPU.  Refuses others.  Before any vCPU area
 * exists. */
void speculation_init(const char *word);
/* On vCPU 0 with an IDT: do the MSRs work that CPUID tells of? */
void speculation_probe(void);
/* A vCPU starts: SPEC_CTRL as after INIT. */
void speculation_start_vcpu(void);

/* cpuid.c: the bits of leaf 7 EDX and of leaf 0x80000008 EBX that the guest may see. */
u32 speculation_leaf7_edx(void);
u32 speculation_leaf8_ebx(void);

/* msr.c: false = #GP. */
bool speculation_rdmsr(u32 msr, u64 *val);
bool speculation_wrmsr(u32 msr, u64 val);

#endif
