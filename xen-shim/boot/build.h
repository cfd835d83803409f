/* SPDX-License-Identifier: MIT */
/* Builds the PV domain in the memory that is left; see build.c. */
#ifndef SHIM_BUILD_H
#define SHIM_BUILD_H

#include "bootinfo.h"
#include "share.h"
#include "vcpu.h"

struct build_result {
    u64 entry, stack, start_info; /* guest virtual addresses */
    mfn_t console;                /* the ring */
};

/* Both kinds of guests, this one and one that was saved (adopt.c), begin so: what the kernel's
 * image says, shared_info, and what the guest's kind needs.  The last that takes memory for the
 * shim. */
void build_begin(const struct boot_info *boot);
/* Frames of a module that nobody took go to the pool. */
void build_release_module(const struct boot_module *m);

/* Refuses when it can't.  What is left above the guest's share goes back to L0.  Sets vCPU 0's
 * CR3. */
void build_guest(struct build_result *out, const struct boot_info *boot, struct share share);

#endif
