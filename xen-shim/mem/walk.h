/* SPDX-License-Identifier: MIT */
/*
 * A page-table walk as the CPU does it (AMD64 APM volume 2, 5.3-5.6), for what the shim does in the
 * guest's place: rights of all levels, accessed and dirty bits, the error code of the page fault.
 */
#ifndef SHIM_WALK_H
#define SHIM_WALK_H

#include "types.h"

/* An exception that the guest is to get instead. */
struct fault {
    u8 vector;
    u32 error_code;
    u64 addr; /* for CR2 */
};

/*
 * Where addr lies, by the level-4 table at physical address root: in *pa; sets the accessed bits on
 * the way, and with PF_W the dirty bit.  access: PF_W for a store, PF_I for a fetch, PF_U for user
 * mode's rights; without it the supervisor's, who may not write where W is missing either.
 * False: *f is the page fault.  addr must be canonical and not in the hypervisor's hole.
 */
bool walk(u64 root, u64 addr, u32 access, u64 *pa, struct fault *f);

/* frames.c, and the unit test in its place.  The table in a frame, or NULL where no table of the
 * guest's can be; and whether the guest's own data may lie in a frame. */
u64 *walk_table(mfn_t mfn);
bool walk_data(mfn_t mfn);

#endif
