/* SPDX-License-Identifier: MIT */
/* What a saved vCPU has that is in no struct vcpu_guest_context: XSAVE's state, and MSRs. */
#ifndef SHIM_VCPU_SAVED_H
#define SHIM_VCPU_SAVED_H

#include "vcpu.h"

struct vcpu_saved {
    u64 xcr0, xcr0_accum; /* 0: no XSAVE */
    const u8 *area;       /* in standard form */
    u64 area_bytes;
    const struct {
        u32 index, reserved;
        u64 value;
    } * msr;
    u64 nr_msrs;
};

/* While the shim may still take memory. */
void vcpu_saved_init(void);
/* Bits that XCR0 can have; 0: no XSAVE. */
u64 vcpu_saved_xcr0(void);

/* start.c, on v itself, behind its FPU's and before the guest: loads v->saved, which is NULL then.
 * One vCPU at a time. */
void vcpu_saved_load(struct vcpu *v);
/* Nothing of v->saved lies where it was afterwards.  For one vCPU, when the others have theirs. */
void vcpu_saved_keep(struct vcpu *v);

#endif
