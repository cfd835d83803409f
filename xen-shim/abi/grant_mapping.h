/* SPDX-License-Identifier: MIT */
/* What grant_map.c and grant_unmap.c share: mappings by the handles that the guest has, those of
 * other domains' grants (grant_window.h) and behind them those of its own (grant_self.h). */
#ifndef SHIM_GRANT_MAPPING_H
#define SHIM_GRANT_MAPPING_H

#include "shim.h"
#include "vcpu.h"

#define GRANT_BATCH 16 /* entries of a list in one call to L0 */

extern lock_t grant_map_lock; /* the mappings; never held in a call to L0 */

/* MAPPING_*, 0 = none; the machine frame that the guest has for it. */
u32 grant_mapping_get(u32 handle, mfn_t *mfn);
void grant_mapping_set(u32 handle, u32 mapping);

/*
 * The entry of the guest's tables that a host mapping is made in: of a level-1 table, by its own
 * machine address or by the linear address that it maps.  NULL: there is none.  False: the search
 * for the table's level isn't at its end, come again.
 */
bool grant_find_entry(struct vcpu *v, u64 host_addr, bool by_address, u64 **entry);

#endif
