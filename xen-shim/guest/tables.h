/* SPDX-License-Identifier: MIT */
/*
 * Which frames are page tables of a tree that is pinned or loaded, at which level?  Pins tell it of
 * some (frames.h), and kernels as old as 2.6.18 pin L4s only.  Of the others it is remembered where
 * an entry was seen that leads to them, by the walks and stores that are made anyway.  What is
 * remembered is checked from there up to a pin or base pointer each time it is used: so nothing
 * need be forgotten when something changes, and a frame that is no table any more never counts as
 * one.
 */
#ifndef SHIM_TABLES_H
#define SHIM_TABLES_H

#include "frame_set.h"
#include "frames.h"
#include "kind.h"
#include "vcpu.h"

/* A frame that isn't pinned is a table of this level from now on; one that can be loaded gets the
 * hypervisor's slots.  Who may have copies of it is told by the caller (mmu.h). */
static inline void table_pin(mfn_t mfn, u8 level)
{
    *frame_state(mfn) |= level;
    if (level != kind->root_level)
        return;
    *frame_state(mfn) |= kind->root_flags;
    frame_set_add(&pinned_l4s, mfn);
    kind->prepare_root(mfn);
}

/* After frames_init. */
void tables_init(void);

/* An entry, in the direct map, leads to a table.  Not all are kept. */
extern const u64 **tables_seen;
extern u64 tables_mask;
static inline void table_seen(mfn_t table, const u64 *entry)
{
    ACCESS_ONCE(tables_seen[table & tables_mask]) = entry;
}
static inline bool table_is_seen(mfn_t table, const u64 *entry)
{
    return ACCESS_ONCE(tables_seen[table & tables_mask]) == entry;
}

/* The level at which mfn is such a table now; 0 = not known.  A few reads. */
u8 table_level(const struct vcpu *v, mfn_t mfn);

/*
 * The same for certain: 0 = it's none.  Searches all such trees when it isn't known, in parts:
 * TREE_AGAIN (tree.h) when there's more to do than should be done at once; the same call again goes
 * on with it.
 */
u8 table_search(struct vcpu *v, mfn_t mfn);

#endif
