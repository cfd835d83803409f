/* SPDX-License-Identifier: MIT */
/*
 * Frames of the guest's that the shim or a CPU goes on using after the call that named them:
 * shared_info, vcpu_info, GDT, LDT.  Without its memory each would be a fault in ring 0, or a
 * descriptor read from nowhere, so the balloon leaves them alone (memory.c).  On Xen such a frame
 * outlives the call that gives it back, which comes to the same for the guest.
 */
#ifndef SHIM_HELD_H
#define SHIM_HELD_H

#include "types.h"

/* 0: nothing to hold. */
void hold_frame(mfn_t mfn);
/* After the field that named it (gdt_mfn, ldt_mfn, vi of struct vcpu) names another. */
/* (hidden: its address is taken, and there is no GOT) */
void __attribute__((visibility("hidden"))) release_frame(mfn_t mfn);

#endif
