/* SPDX-License-Identifier: MIT */
/* State of the one guest that belongs to no vCPU. */
#ifndef SHIM_GUEST_H
#define SHIM_GUEST_H

#include "types.h"
#include "xen_abi.h"

struct guest {
    struct shared_info *shared; /* the guest's own; L0's is l0_shared */
    mfn_t shared_mfn;
    u64 nr_pages;      /* now: changes with ballooning */
    u64 max_pages;     /* what it may balloon up to: as at start, or maxmem (pod.h) */
    u64 special_pages; /* of nr_pages: ring pages of L0's, which are not RAM of the domain */
    u32 domid;
    u32 store_port, console_port;
    bool pv32; /* a 32-bit PAE kernel; set once, when the guest is built */
};
extern struct guest guest;

#endif
