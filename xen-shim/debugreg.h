/* SPDX-License-Identifier: MIT */
/* Debug registers: hypercalls and MOV DR.  0, or -XEN_E* (#GP for the instruction). */
#ifndef SHIM_DEBUGREG_H
#define SHIM_DEBUGREG_H

#include "vcpu.h"

s64 debugreg_read(struct vcpu *v, unsigned int reg, u64 *val);
s64 debugreg_write(struct vcpu *v, unsigned int reg, u64 val);
/* Loads all of v's, on v itself. */
void debugreg_load(const struct vcpu *v);

#endif
