/* SPDX-License-Identifier: MIT */
/* Mapping what is granted: map_grant_ref, unmap_grant_ref, unmap_and_replace. */
#ifndef SHIM_GRANT_MAP_H
#define SHIM_GRANT_MAP_H

#include "types.h"

/* The operations, on a list of `count` entries at guest address `arg` that has been checked; 0, the
 * call's error, or call_again. */
s64 grant_map(u64 arg, u64 count);
s64 grant_unmap(u32 cmd, u64 arg, u64 count);

/* In a new domain instance there are none. */
void grant_map_reset(void);
/* Is none of the guest's own grants mapped? */
bool grant_map_none_of_self(void);

#endif
