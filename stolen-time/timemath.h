/* SPDX-License-Identifier: MIT */
/* Arithmetic of vcpu_time_info, pure. */
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

#endif
