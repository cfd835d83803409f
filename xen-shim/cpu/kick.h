/* SPDX-License-Identifier: MIT */
/* Telling other vCPUs that there is something to do, and doing what they ask. */
#ifndef SHIM_KICK_H
#define SHIM_KICK_H

#include "vcpu.h"

#define KICK_FLUSH 1u /* flush the TLB, then clear the bit */

/* Wakes a vCPU so that it looks at its events; cheap when it isn't in the guest or halted. */
void kick_vcpu(struct vcpu *v);
/* The vCPUs in SCHEDOP_poll for this port, which has become pending, or for several.  Linux' locks
 * poll for one each: who waits for another isn't woken. */
void kick_pollers(u32 port);
/* On v itself: it is in SCHEDOP_poll for that port, or POLL_ANY, or in none (0). */
void kick_set_polling(struct vcpu *v, u32 port);
#define POLL_ANY (~0u)
/* Does what other vCPUs asked this one to do; while waiting for them with interrupts off. */
void kick_answer(struct vcpu *v);

#endif
