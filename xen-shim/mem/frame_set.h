/* SPDX-License-Identifier: MIT */
/*
 * The frames whose byte of state has a certain flag, where these are few among many: a bit for each
 * page of states says that there may be one.  The states themselves stay the truth.
 */
#ifndef SHIM_FRAME_SET_H
#define SHIM_FRAME_SET_H

#include "types.h"

#define FRAME_SET_PAGE 4096 /* frames that share a bit */

struct frame_set {
    const u8 *states;
    mfn_t end;   /* frames in all, a multiple of FRAME_SET_PAGE */
    u64 *blocks; /* frame_set_size() bytes, zero at first */
    u8 flag;     /* one bit */
};

static inline u64 frame_set_size(mfn_t end)
{
    return (end / FRAME_SET_PAGE + 63) / 64 * 8;
}

/* After the flag was set.  Any CPU, at any time. */
void frame_set_add(struct frame_set *s, mfn_t mfn);
/* The first one at or behind `from`, or s->end.  Nothing needs to be told when a flag is cleared.
 */
mfn_t frame_set_next(struct frame_set *s, mfn_t from);
/* The first n (a power of two, at most FRAME_SET_PAGE) of them in a row, aligned to n, at or behind
 * *from.  Looks at some 4096 states at most; false when none was among them, with *from where to go
 * on, or s->end. */
bool frame_set_run(struct frame_set *s, mfn_t *from, u64 n);

#endif
