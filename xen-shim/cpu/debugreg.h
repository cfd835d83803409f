/* SPDX-License-Identifier: MIT */
/* Debug registers: hypercalls and MOV DR.  0, or -XEN_E* (#GP for the instruction). */
#ifndef SHIM_DEBUGREG_H
#define SHIM_DEBUGREG_H

#include "vcpu.h"

#define DR6_ONES 0xffff0ff0UL /* what else is 1 there always */
#define DR6_STEP 0x4000UL

/*
 * What DR6 tells of a #DB. L0s of old (3.4) load these registers when they are first touched, so
 * reading DR6 is what loses the CPU's. A hit of DR0 to DR3 isn't lost, as these are loaded while
 * DR7 has one enabled; a step is, and RFLAGS says that it was one. (So ICEBP with TF set looks like
 * a step, too.)
 */
static inline u64 debugreg_told(u64 dr6, u64 rflags)
{
    return dr6 == DR6_ONES && rflags & X86_EFLAGS_TF ? dr6 | DR6_STEP : dr6;
}

s64 debugreg_read(struct vcpu *v, unsigned int reg, u64 *val);
s64 debugreg_write(struct vcpu *v, unsigned int reg, u64 val);
/* The eight that a vCPU starts with; `dr` NULL: none set. What it can't have it doesn't get. */
void debugreg_init(struct vcpu *v, const u64 *dr);
/* #DB of the guest's, which was interrupted with these RFLAGS: what the CPU tells is added to what
 * the guest hasn't cleared yet. */
void debugreg_hit(struct vcpu *v, u64 rflags);
/* Loads all of v's, on v itself. */
void debugreg_load(const struct vcpu *v);

#endif
