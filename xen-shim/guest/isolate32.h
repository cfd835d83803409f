/* SPDX-License-Identifier: MIT */
/* Isolation (isolate.h) of a 32-bit guest's kernel from its user mode: isolate32.c. */
#ifndef SHIM_ISOLATE32_H
#define SHIM_ISOLATE32_H

#include "isolate.h"

/* With v's copy of the guest's L3. */
void isolate32_init_vcpu(struct vcpu *v, u64 *l3);
/* For the entry of a GiB in that copy. */
u64 isolate32_l3_flags(const struct vcpu *v, unsigned int gib);
/* The L4 of user mode, for a walk; 0 without isolation. */
u64 isolate32_root(const struct vcpu *v);
/* A page fault of user mode.  True: nothing for the guest, the access can be tried again; else
 * *error_code is as it would be without isolation. */
bool isolate32_fault(struct vcpu *v, u64 addr, u32 *error_code);
/* On the way to user mode. */
void isolate32_refresh(struct vcpu *v);

#endif
