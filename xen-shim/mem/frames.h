/* SPDX-License-Identifier: MIT */
/*
 * What the shim knows of every machine frame: the machine-to-phys table that the guest reads, and
 * a byte of state.  Which frames are page tables is known only as far as the guest said so by
 * pinning; tables.h knows of others.
 */
#ifndef SHIM_FRAMES_H
#define SHIM_FRAMES_H

#include "frame_set.h"
#include "guest.h"
#include "layout.h"
#include "map.h"
#include "types.h"

#define FRAME_PINNED 0x07 /* level 1-4, 0 = not pinned */
#define FRAME_L4     0x04 /* which is the bit that no lower level has */
#define FRAME_HOLE   0x08 /* RAM that the guest gave back to L0 */
#define FRAME_ROOT32 0x10 /* a pinned L3 of a 32-bit guest */
#define FRAME_HELD   0x20 /* the shim or a CPU goes on using it: held.h */
#define FRAME_TAKEN  0x40 /* before the guest starts: it will be the guest's, where it lies */
#define FRAME_RAM    0x80 /* ordinary memory of this domain, or a page L0 shares for good */

#define INVALID_PFN (~0UL)

struct boot_info;
/* Before build.c: tables for all RAM of the loader's map. */
void frames_init(const struct boot_info *boot);
/* Frames above RAM that the guest sees as its own (xenstore, console rings). */
void frames_add(mfn_t mfn);

extern mfn_t m2p_end; /* frames below have an entry */

/* Where the frames in these states are; who sets such a state adds the frame. */
extern struct frame_set pinned_l4s, holes;
/* Zeroed memory of the shim's own, by whole pages in a row; for frames_init and tables_init. */
void *frames_alloc(u64 size);

static inline u8 *frame_state(mfn_t mfn)
{
    return (u8 *)FRAME_STATES + mfn;
}

/* Safe for any number. */
static inline u8 frame_get(mfn_t mfn)
{
    return mfn < m2p_end ? *frame_state(mfn) : 0;
}

static inline bool frame_is_ram(mfn_t mfn)
{
    return frame_get(mfn) & FRAME_RAM;
}

/* Is it a page table of the shim's own, by which a 32-bit guest's memory is reached?  Its level is
 * noted as that of a pinned one. */
static inline bool frame_is_own_table(mfn_t mfn)
{
    u8 state = frame_get(mfn);

    return state & FRAME_PINNED && !(state & FRAME_RAM);
}

/* Could it hold page tables or data of the guest's, and is it mapped for us? */
static inline bool frame_ok(mfn_t mfn)
{
    return frame_is_ram(mfn) && mfn_mapped(mfn);
}

/* INVALID_PFN for what has none.  A 32-bit guest's table has words of 32 bits. */
static inline void m2p_set(mfn_t mfn, pfn_t pfn)
{
    if (unlikely(guest.pv32))
        ((u32 *)M2P_RW)[mfn] = (u32)pfn;
    else
        ((u64 *)M2P_RW)[mfn] = pfn;
}

#endif
