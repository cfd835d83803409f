/* SPDX-License-Identifier: MIT */
/* Frames that go to L0 and come from it: what memory.c has for memory_exchange.c. */
#ifndef SHIM_BALLOON_H
#define SHIM_BALLOON_H

#include "shim.h"
#include "types.h"

#define MAX_ORDER 9 /* of an extent */

extern lock_t balloon_lock; /* for all of these, and l0_batch */

/* The frames of the extent that a list of the guest's has at addr: 0, -XEN_EFAULT, or -XEN_EINVAL
 * when one must not go. */
s64 balloon_read_extent(mfn_t *to, u64 addr, u32 order);
/* The n frames of l0_batch, n at most L0_BATCH, go to L0, or come from it to holes; how many did.
 */
u64 balloon_give(u64 n);
u64 balloon_take(u64 n);
/* Holes, 1 << order in a row; m2p_end: there are none; 0: not found yet, try again. */
mfn_t balloon_find_holes(u32 order);

/* XENMEM_exchange; 0, call_again or -XEN_E*. */
s64 memory_exchange(u64 arg);
/* What else there is, which no guest needs. */
s64 memory_rest(u32 op, u64 arg);
/* Of a call whose argument is a domain's number: the answer for the guest itself, else -XEN_E*. */
s64 memory_of_domain(u64 arg, s64 answer);

#endif
