/* SPDX-License-Identifier: MIT */
/* Telling other vCPUs that there is something to do, and doing what they ask. */
#ifndef SHIM_KICK_H
#define SHIM_KICK_H

#include "vcpu.h"

#define KICK_FLUSH 1u /* flush the TLB, then clear the bit */

/* Wakes a vCPU so that it looks at its events; cheap when it isn't in the guest or halted. */
void kick_vcpu(struct vcpu *v);
/* All vCPUs in SCHEDOP_poll: one of their ports may have become pending. */
void kick_pollers(void);
/* On v itself: it is in SCHEDOP_poll, or no longer. */
void kick_set_polling(struct vcpu *v, bool polling);
/* Does what other vCPUs asked this one to do; while waiting for them with interrupts off. */
void kick_answer(struct vcpu *v);

#endif
