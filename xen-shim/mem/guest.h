/* SPDX-License-Identifier: MIT */
/* State of the one guest that belongs to no vCPU. */
#ifndef SHIM_GUEST_H
#define SHIM_GUEST_H

#include "types.h"
#include "xen_abi.h"

/* Of a 32-bit guest's vcpu_info (struct vcpu_info_x86_32): offsets of 32-bit words. */
#define VCPU_INFO32_SEL 4
#define VCPU_INFO32_CR2 8

struct guest {
    struct shared_info *shared; /* the guest's own; L0's is l0_shared.  In the guest's layout, so
                                   for what differs: */
    void *pending, *mask;       /* its bitmaps of ports */
    u32 *wc, *wc_sec_hi;        /* wc_version, wc_sec, wc_nsec */
    mfn_t shared_mfn;
    u64 nr_pages;      /* now: changes with ballooning */
    u64 max_pages;     /* what it may balloon up to: as at start, or maxmem (pod.h) */
    u64 special_pages; /* of nr_pages: ring pages of L0's, which are not RAM of the domain */
    u32 domid;
    u32 store_port, console_port;
    u64 virt_base; /* where its kernel has PFN 0 */
    bool pv32;     /* a 32-bit PAE kernel; set once, when the guest is built */
};
extern struct guest guest;

/* Is that the guest, as its calls name it? */
static inline bool own_domain(u64 domid)
{
    return domid == DOMID_SELF || domid == guest.domid;
}

/* Sets `shared` and what leads into it. */
void guest_set_shared(mfn_t mfn);

/* A vcpu_info, whose layouts agree but for these two. */
static inline void vcpu_info_set_sel(struct vcpu_info *vi, u64 sel)
{
    if (guest.pv32)
        *(u32 *)((u8 *)vi + VCPU_INFO32_SEL) = (u32)sel;
    else
        vi->evtchn_pending_sel = sel;
}

/* shared_info's arch.max_pfn. */
u64 guest_max_pfn(void);

u64 vcpu_info_cr2(const struct vcpu_info *vi);
void vcpu_info_set_cr2(struct vcpu_info *vi, u64 cr2);

#endif
