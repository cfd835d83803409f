/* SPDX-License-Identifier: MIT */
/*
 * Mappings of the guest's own grants, as a back-end in the front-end's domain makes them.  L0 can't
 * be asked: in an HVM domain it would move the page from its own GFN to the new one.  So the shim
 * does what Xen does with the entry: it looks at it, marks it as in use, and counts.
 */
#ifndef SHIM_GRANT_SELF_H
#define SHIM_GRANT_SELF_H

#include "types.h"

#define GRANT_SELF_MAPPINGS 512

/* All under grant_map.c's lock.  GNTST_*; the number of the mapping and the frame that is granted.
 */
s16 grant_self_map(u32 ref, bool readonly, u32 *n, mfn_t *mfn);
/* What grant_window.h's calls do; number 0 to GRANT_SELF_MAPPINGS, any other is none.  Set to 0 the
 * mapping is over. */
u32 grant_self_get(u32 n, mfn_t *mfn);
void grant_self_set(u32 n, u32 mapping);
bool grant_self_none(void);
void grant_self_reset(void);

#endif
