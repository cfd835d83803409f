/* SPDX-License-Identifier: MIT */
/* Builds the PV domain in the memory that is left; see build.c. */
#ifndef SHIM_BUILD_H
#define SHIM_BUILD_H

#include "bootinfo.h"
#include "vcpu.h"

struct build_result {
    u64 entry, stack, start_info; /* guest virtual addresses */
    mfn_t console;                /* the ring */
};

/* Refuses when it can't.  max_pages: 0 or what the guest may have at most.  Sets vCPU 0's CR3. */
void build_guest(struct build_result *out, const struct boot_info *boot, u64 max_pages);

#endif
