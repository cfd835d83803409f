// SPDX-License-Identifier: MIT
/* See frame_set.h. */
#include "frame_set.h"

#define LONGEST_LOOK 4096

void frame_set_add(struct frame_set *s, mfn_t mfn)
{
    mfn_t block = mfn / FRAME_SET_PAGE;

    __atomic_fetch_or(&s->blocks[block / 64], 1UL << (block % 64), __ATOMIC_SEQ_CST);
}

/* The first flagged one of [from, end), or end; eight at a time. */
static mfn_t scan(const struct frame_set *s, mfn_t from, mfn_t end)
{
    const u64 flags = s->flag * 0x0101010101010101UL;

    for (mfn_t at = from & ~7UL; at < end; at += 8) {
        u64 hits = ACCESS_ONCE(*(const u64 *)(s->states + at)) & flags;
        if (at < from)
            hits &= ~0UL << (from - at) * 8;
        if (hits)
            return at + (u64)__builtin_ctzl(hits) / 8;
    }
    return end;
}

/*
 * The bit of a block without any is cleared.  Whoever adds a frame sets the flag first and the bit
 * then, so: clear the bit, look again, and put it back if there is one now.
 */
static mfn_t scan_block(struct frame_set *s, mfn_t block, mfn_t from)
{
    mfn_t start = block * FRAME_SET_PAGE, end = start + FRAME_SET_PAGE, found;

    found = scan(s, from > start ? from : start, end);
    if (found < end || from > start)
        return found;
    __atomic_fetch_and(&s->blocks[block / 64], ~(1UL << (block % 64)), __ATOMIC_SEQ_CST);
    found = scan(s, start, end);
    if (found < end)
        frame_set_add(s, found);
    return found;
}

mfn_t frame_set_next(struct frame_set *s, mfn_t from)
{
    mfn_t blocks = s->end / FRAME_SET_PAGE;

    for (mfn_t b = from / FRAME_SET_PAGE; b < blocks; b++) {
        u64 rest = ACCESS_ONCE(s->blocks[b / 64]) >> (b % 64);
        if (!rest) {
            b |= 63;
            continue;
        }
        b += (u64)__builtin_ctzl(rest);
        mfn_t found = scan_block(s, b, from);
        if (found < (b + 1) * FRAME_SET_PAGE)
            return found;
    }
    return s->end;
}

bool frame_set_run(struct frame_set *s, mfn_t *from, u64 n)
{
    for (u64 looked = 0; looked < LONGEST_LOOK;) {
        mfn_t first = frame_set_next(s, *from), k;

        first = round_up(first, n);
        if (first >= s->end) {
            *from = s->end;
            return false;
        }
        for (k = 0; k < n && s->states[first + k] & s->flag; k++)
            ;
        *from = first;
        if (k == n)
            return true;
        *from = first + k + 1;
        looked += k + 8;
    }
    return false;
}
