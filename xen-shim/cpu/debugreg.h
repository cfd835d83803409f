/* SPDX-License-Identifier: MIT */
/* Debug registers: hypercalls and MOV DR.  0, or -XEN_E* (#GP for the instruction). */
#ifndef SHIM_DEBUGREG_H
#define SHIM_DEBUGREG_H

#include "vcpu.h"

#define DR6_ONES 0xffff0ff0UL /* what else is 1 there always */
#define DR6_STEP 0x4000UL

s64 debugreg_read(struct vcpu *v, unsigned int reg, u64 *val);
s64 debugreg_write(struct vcpu *v, unsigned int reg, u64 val);
/* The eight that a vCPU starts with; `dr` NULL: none set. What it can't have it doesn't get. */
void debugreg_init(struct vcpu *v, const u64 *dr);
/* #DB of the guest's: what the CPU tells is added to what the guest hasn't cleared yet. */
void debugreg_hit(struct vcpu *v);
/* Loads all of v's, on v itself. */
void debugreg_load(const struct vcpu *v);

#endif
