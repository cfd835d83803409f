/* SPDX-License-Identifier: MIT */
/*
 * All vCPUs but one stand still in the shim, with interrupts off.  They come here by an interrupt,
 * so from the guest or from waiting, and hold no lock.
 */
#ifndef SHIM_FREEZE_H
#define SHIM_FREEZE_H

#include "vcpu.h"

/* suspend.c, on vCPU 0: every other vCPU that was ever started stands still. */
void freeze_others(void);
/* Comes back when they all go on.  in_new_domain: each has connected with its L0 again (connect.h).
 */
void thaw_others(bool in_new_domain);

/* smp.c, at each IPI. */
extern volatile bool freezing;
void freeze_here(struct vcpu *v);

#endif
