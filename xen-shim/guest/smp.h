/* SPDX-License-Identifier: MIT */
/* The other vCPUs: starting them, and telling them that there is something to do. */
#ifndef SHIM_SMP_H
#define SHIM_SMP_H

#include "vcpu.h"

#define KICK_FLUSH 1u /* flush the TLB, then clear the bit */

/* Finds how many vCPUs L0 gave us; at most `limit` when that is not 0. */
void smp_count(u32 limit);
/* Wakes a vCPU so that it looks at its events; cheap when it isn't in the guest or halted. */
void smp_kick(struct vcpu *v);
/* All vCPUs in SCHEDOP_poll: one of their ports may have become pending. */
void smp_kick_pollers(void);
/* On v itself: it is in SCHEDOP_poll, or no longer. */
void smp_poll(struct vcpu *v, bool polling);
/* VECTOR_IPI; from trap.c. */
void smp_ipi(struct vcpu *v);
/* Does what other vCPUs asked this one to do; while waiting for them with interrupts off. */
void smp_do_kicks(struct vcpu *v);

/* VCPUOP_up: starts v's CPU with the state that VCPUOP_initialise left, or lets it go on. */
void smp_up(struct vcpu *v);
/* VCPUOP_down: v stops where it is until it is up again; itself when it is the caller.  The last
 * one to go down powers the domain off. */
void smp_down(struct vcpu *v);
/* On v itself, with its stack: loads the state it starts with and runs the guest. */
void __attribute__((noreturn)) smp_enter_guest(struct vcpu *v);

/* Waits with interrupts on until one comes.  For SCHEDOP_block and friends. */
void cpu_idle(void);

extern volatile u32 pollers; /* vCPUs in SCHEDOP_poll */

#endif
