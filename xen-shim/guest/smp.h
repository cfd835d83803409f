/* SPDX-License-Identifier: MIT */
/* The other vCPUs: how many, up and down, and what an interrupt from one of them means. */
#ifndef SHIM_SMP_H
#define SHIM_SMP_H

#include "vcpu.h"

/* Finds how many vCPUs L0 gave us; at most `limit` when that is not 0. */
void smp_count(u32 limit);
/* VECTOR_IPI; from trap.c. */
void smp_ipi(struct vcpu *v);
/* VCPUOP_up: starts v's CPU with the state that VCPUOP_initialise left, or lets it go on. */
void smp_up(struct vcpu *v);
/* VCPUOP_down: v stops where it is until it is up again; itself when it is the caller.  The last
 * one to go down powers the domain off. */
void smp_down(struct vcpu *v);

#endif
