/* SPDX-License-Identifier: MIT */
/* The CPU as the shim sets it up: descriptor tables, MSRs, one area for each vCPU. */
#ifndef SHIM_CPU_H
#define SHIM_CPU_H

#include "vcpu.h"

extern struct cpu_features {
    bool xsave, fsgsbase, rdtscp, cpuid_faulting;
    u64 cr4;       /* what CR4 holds while the guest runs, but for the guest's own bits */
    u64 cr4_guest; /* bits the guest may set */
} cpu_features;

/* The way out of the shim isn't the plain one: isolation, or VERW. */
extern bool leave_specially;

/* Once, when vCPU 0 runs on its own stack: the ways in that isolated user mode needs. */
void cpu_isolate(void);
/* Where the IDT is, a page of its own. */
u64 cpu_idt_page(void);
/* Before any vCPU area exists: reads CPUID. */
void cpu_features_init(void);
/* What only an MSR tells. On vCPU 0 behind its cpu_load: old L0s fault at MSRs that they don't
 * know, so there must be an IDT. */
void cpu_probe_msrs(void);
/* A page of zeroes: what the CPU finds where the guest has no GDT or LDT frame, so that a selector
 * there is #GP as it is beyond a limit. */
extern mfn_t gdt_empty_mfn;
/* Allocates and fills the area of vCPU id; any CPU may do it for another. */
void cpu_area_init(u32 id);
/* On the CPU itself, with its own stack or the boot stack: loads GDT, IDT, TSS, MSRs, CRs. */
void cpu_load(struct vcpu *v);
/* On the CPU itself, where the CPU has it: CPUID in user mode faults. L0 may not have saved that.
 */
void cpu_enable_faulting(void);

/* CR4 for the guest's virtual CR4. */
void cpu_set_cr4(struct vcpu *v, u64 guest_cr4);

/* RDMSR or WRMSR that may fault: false then. */
bool rdmsr_safe(u32 msr, u64 *v);
bool wrmsr_safe(u32 msr, u64 v);

#endif
