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
/* Comes back when they all go on.  Each does `each` first, on itself, when that is not NULL: in a
 * new domain instance it has to connect with its L0 again (connect.h). */
void thaw_others(void (*each)(struct vcpu *v));

/* smp.c, at each IPI. */
extern volatile bool freezing;
void freeze_here(struct vcpu *v);

#endif
