/* SPDX-License-Identifier: MIT */
/* A search through one tree of page tables, in parts. */
#ifndef SHIM_TREE_H
#define SHIM_TREE_H

#include "types.h"

struct tree_search {
    mfn_t wanted;
    u64 at; /* where it is: the number of a level-2 entry, counted through the address space */
    /* When found: the entries that lead to it, from level 4 down; the last one has its frame. */
    const u64 *path[3];
};

#define TREE_END   (1UL << 27)
#define TREE_AGAIN 0xff

/*
 * Level at which `wanted` is in the tree below l4, which is not wanted itself: 3 to 1; 0: it isn't;
 * TREE_AGAIN: *tables tables have been looked at, call again.  Entries of l4 that are the same in
 * `known`, when that isn't NULL, lead to what has been searched already.
 * table: where a frame is mapped that may be a table of the level, or NULL: not to be looked at.
 */
u8 tree_search(struct tree_search *s, const u64 *l4, const u64 *known, u32 *tables,
               const u64 *(*table)(mfn_t mfn, u8 level));

/* The same below the L3 of a 32-bit guest, which isn't wanted itself: 2, 1, 0 or TREE_AGAIN. known:
 * another such L3.  path[0] is NULL. */
u8 tree_search_l3(struct tree_search *s, const u64 *l3, const u64 *known, u32 *tables,
                  const u64 *(*table)(mfn_t mfn, u8 level));

#endif
