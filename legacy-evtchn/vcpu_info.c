// SPDX-License-Identifier: MIT
/* See vcpu_info.h. */
#include "vcpu_info.h"

#include "guest.h"
#include "l0.h"
#include "map.h"
#include "ram.h"
#include "shim.h"

#define HIGH_MAX (MAX_VCPUS - XEN_LEGACY_MAX_VCPUS)

/* A place of L0's and one for the guest until it registers its own, for each vCPU beyond 32. */
struct high_infos {
    struct vcpu_info l0, guest;
};
#define PER_PAGE (PAGE_SIZE / sizeof(struct high_infos))

static struct high_infos *high[(HIGH_MAX + PER_PAGE - 1) / PER_PAGE];

static struct high_infos *high_infos(u32 vcpu)
{
    u32 i = vcpu - XEN_LEGACY_MAX_VCPUS;
    return &high[i / PER_PAGE][i % PER_PAGE];
}

s64 vcpu_info_connect(u32 vcpu)
{
    if (vcpu < XEN_LEGACY_MAX_VCPUS)
        return 0;

    u64 at = (u64)&high_infos(vcpu)->l0 - DIRECT_MAP;
    struct vcpu_register_vcpu_info op = {.mfn = at >> PAGE_SHIFT, .offset = at & (PAGE_SIZE - 1)};

    return l0_vcpu_op(VCPUOP_register_vcpu_info, vcpu, &op);
}

u32 vcpu_info_register(u32 wanted)
{
    for (u32 i = XEN_LEGACY_MAX_VCPUS; i < wanted; i++) {
        u32 page = (i - XEN_LEGACY_MAX_VCPUS) / PER_PAGE;
        if (!high[page])
            high[page] = mfn_va(ram_page());

        s64 rc = vcpu_info_connect(i);
        if (rc) {
            report("vCPUs %u to %u stay off: this host has no events for them (error %ld)", i,
                   wanted - 1, rc);
            return i;
        }
    }
    return wanted;
}

void vcpu_info_init(struct vcpu *v)
{
    if (v->id < XEN_LEGACY_MAX_VCPUS) {
        v->l0_vi = &l0_shared->vcpu_info[v->id];
        v->vi = &guest.shared->vcpu_info[v->id];
    } else {
        v->l0_vi = &high_infos(v->id)->l0;
        v->vi = &high_infos(v->id)->guest;
    }
    v->vi->evtchn_upcall_mask = 1;
}
