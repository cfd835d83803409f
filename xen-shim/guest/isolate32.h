/* SPDX-License-Identifier: MIT */
/* Isolation (isolate.h) of a 32-bit guest's kernel from its user mode: isolate32.c. */
#ifndef SHIM_ISOLATE32_H
#define SHIM_ISOLATE32_H

#include "isolate.h"

void isolate32_init_vcpu(struct vcpu *v);
/* Under the lock of v's copy of the guest's L3: user mode's table gets e, the entry of a GiB, too.
 * Returns what the copy is to have. */
u64 isolate32_l3_entry(const struct vcpu *v, unsigned int gib, u64 e);
/* The L4 of user mode, for a walk; 0 without isolation. */
u64 isolate32_root(const struct vcpu *v);
/* A page fault of user mode.  True: nothing for the guest, the access can be tried again; else
 * *error_code is as it would be without isolation. */
bool isolate32_fault(struct vcpu *v, u64 addr, u32 *error_code);
/* On the way to user mode. */
void isolate32_refresh(struct vcpu *v);

#endif
