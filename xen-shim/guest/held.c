// SPDX-License-Identifier: MIT
/* See held.h.  No count: who else uses a frame is looked up when one user lets go, which is rare.
 */
#include "held.h"

#include "evtchn.h"
#include "frames.h"
#include "guest.h"
#include "shim.h"
#include "vcpu.h"

static bool used_by(const struct vcpu *v, mfn_t mfn)
{
    if (((u64)v->vi - DIRECT_MAP) >> PAGE_SHIFT == mfn)
        return true;
    for (u32 i = 0; i < ARRAY_SIZE(v->gdt_mfn); i++)
        if (v->gdt_mfn[i] == mfn)
            return true;
    for (u32 i = 0; i < ARRAY_SIZE(v->ldt_mfn); i++)
        if (v->ldt_mfn[i] == mfn)
            return true;
    return false;
}

void hold_frame(mfn_t mfn)
{
    if (mfn)
        __atomic_fetch_or(frame_state(mfn), FRAME_HELD, __ATOMIC_SEQ_CST);
}

void release_frame(mfn_t mfn)
{
    if (!mfn || mfn == guest.shared_mfn)
        return;
    /* Another may take it between look and store: so first the store, then the look. */
    __atomic_fetch_and(frame_state(mfn), (u8)~FRAME_HELD, __ATOMIC_SEQ_CST);
    bool used = fifo_uses_frame(mfn);

    for (u32 i = 0; i < nr_vcpus; i++)
        used |= used_by(vcpu_of(i), mfn);
    if (used)
        hold_frame(mfn);
}
