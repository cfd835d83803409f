// SPDX-License-Identifier: MIT
/* See guest.h. */
#include "guest.h"

#include <xen/foreign/x86_32.h>

#include "shim.h"

struct guest guest;

_Static_assert(offsetof(struct vcpu_info_x86_32, evtchn_pending_sel) == VCPU_INFO32_SEL, "");
_Static_assert(offsetof(struct vcpu_info_x86_32, arch.cr2) == VCPU_INFO32_CR2, "");
_Static_assert(offsetof(struct vcpu_info_x86_32, time) == offsetof(struct vcpu_info, time), "");
_Static_assert(sizeof(struct vcpu_info_x86_32) == sizeof(struct vcpu_info), "");

static void set_shared32(struct shared_info_x86_32 *s)
{
    guest.pending = s->evtchn_pending;
    guest.mask = s->evtchn_mask;
    guest.wc = &s->wc_version;
    guest.wc_sec_hi = &s->arch.wc_sec_hi;
}

void guest_set_shared(mfn_t mfn)
{
    guest.shared_mfn = mfn;
    guest.shared = mfn_va(mfn);
    guest.pending = guest.shared->evtchn_pending;
    guest.mask = guest.shared->evtchn_mask;
    guest.wc = &guest.shared->wc_version;
    guest.wc_sec_hi = &guest.shared->wc_sec_hi;
    if (guest.pv32)
        set_shared32((struct shared_info_x86_32 *)guest.shared);
}

u64 guest_max_pfn(void)
{
    const struct shared_info_x86_32 *s32 = (const struct shared_info_x86_32 *)guest.shared;

    return guest.pv32 ? s32->arch.max_pfn : guest.shared->arch.max_pfn;
}

u64 vcpu_info_cr2(const struct vcpu_info *vi)
{
    return guest.pv32 ? *(const u32 *)((const u8 *)vi + VCPU_INFO32_CR2) : vi->arch.cr2;
}

void vcpu_info_set_cr2(struct vcpu_info *vi, u64 cr2)
{
    if (guest.pv32)
        *(u32 *)((u8 *)vi + VCPU_INFO32_CR2) = (u32)cr2;
    else
        vi->arch.cr2 = cr2;
}
