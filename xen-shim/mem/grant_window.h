/* SPDX-License-Identifier: MIT */
/*
 * A window of GFNs behind all RAM, at which L0 maps what other domains grant: a frame of it is in
 * the guest's page tables as any machine frame is, but it holds no RAM, is never a page table, and
 * the direct map doesn't reach it.  The M2P has no PFN for it.
 *
 * What is known of each mapping lies here, too: the number of its frame in the window is the
 * handle that the guest gets, L0's own handle is kept.
 */
#ifndef SHIM_GRANT_WINDOW_H
#define SHIM_GRANT_WINDOW_H

#include "types.h"

#define GRANT_WINDOW (1u << 16) /* mappings at the same time */

extern mfn_t grant_window; /* the first GFN; 0: the host's addresses are too narrow for one */

/* frames.c: where it begins, and how many frames it has. */
void grant_window_init(mfn_t first, u32 frames);
/* Forgets all mappings: a new domain instance has none. */
void grant_window_reset(void);

/* A free frame's number, or GRANT_WINDOW: there is none.  Lowest numbers are preferred, as L0 takes
 * memory for what lies far away.  The lock is grant_map.c's. */
u32 grant_window_take(void);
void grant_window_give(u32 n);

/* A mapping: L0's handle, and in the upper bits what the guest has of it; 0 = a free frame. */
#define MAPPING_HANDLE   0x00ffffffu
#define MAPPING_USED     (1u << 31)
#define MAPPING_HOST     (1u << 30) /* an entry of the guest's page tables */
#define MAPPING_DEVICE   (1u << 29) /* the machine address */
#define MAPPING_PTE      (1u << 28) /* the entry was given by its address */
#define MAPPING_READONLY (1u << 27)
u32 grant_window_get(u32 n);
void grant_window_set(u32 n, u32 mapping);

/* May an entry of a level-1 table lead there?  Safe for any number. */
static inline bool grant_frame_mapped(mfn_t mfn)
{
    return mfn - grant_window < GRANT_WINDOW &&
           grant_window_get((u32)(mfn - grant_window)) & MAPPING_USED;
}

#endif
