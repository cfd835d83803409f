/* SPDX-License-Identifier: MIT */
/* Arithmetic of vcpu_time_info, and a clock that follows another; pure. */
#ifndef STOLEN_TIME_TIMEMATH_H
#define STOLEN_TIME_TIMEMATH_H

#include "types.h"

/* ns = ((ticks << shift) * mul) >> 32, with a negative shift to the right (<xen/xen.h>). */
static inline u64 ticks_to_ns(u64 ticks, u32 mul, s8 shift)
{
    ticks = shift < 0 ? ticks >> -shift : ticks << shift;
    return (u64)((unsigned __int128)ticks * mul >> 32);
}

/* n / d to the nearest, by shift and subtract: the shim has no library for 128-bit division. */
static inline u64 div_round_128(unsigned __int128 n, u64 d)
{
    unsigned __int128 rest = 0;
    u64 q = 0;

    for (int bit = 127; bit >= 0; bit--) {
        rest = rest << 1 | (n >> bit & 1);
        q <<= 1;
        if (rest >= d) {
            rest -= d;
            q |= 1;
        }
    }
    return q + (rest * 2 >= d);
}

/* kHz of a counter with that scale; rounds to nearest. */
static inline u32 scale_to_khz(u32 mul, s8 shift)
{
    if (!mul)
        return 0;
    unsigned __int128 khz = (unsigned __int128)1000000 << 32;
    u64 d = mul;
    if (shift < 0)
        khz <<= -shift;
    else
        d <<= shift;
    return (u32)div_round_128(khz, d);
}

/* A clock: ns at the moment tsc, and its rate as in vcpu_time_info. */
struct time_line {
    u64 tsc, ns;
    u32 mul;
    s8 shift;
};

/* A TSC from before the start is another CPU's, a little behind: no time has passed. */
static inline u64 line_at(const struct time_line *l, u64 tsc)
{
    return (s64)(tsc - l->tsc) < 0 ? l->ns : l->ns + ticks_to_ns(tsc - l->tsc, l->mul, l->shift);
}

#define LINE_STEP  1000000UL /* further off than this it is no drift */
#define LINE_UNITS 30        /* drift is worked off in 2^30 ns */

/*
 * Line l, seen again: at the moment tsc it was really ns, give or take `unsure`, and the rate is
 * (mul, shift).  A line that was ahead must not go back, so it runs slower for a while.
 */
static inline void line_follow(struct time_line *l, u64 tsc, u64 ns, u64 unsure, u32 mul, s8 shift)
{
    u64 shown = line_at(l, tsc);
    s64 ahead = (s64)(shown - ns);

    if (!l->mul || ahead > (s64)LINE_STEP || ahead < -(s64)unsure)
        shown = ns;
    else if (ahead > (s64)unsure)
        mul -= (u32)((u64)mul * (u64)ahead >> LINE_UNITS);
    *l = (struct time_line){tsc, shown, mul, shift};
}

#endif
