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

/* kHz of a counter with that scale; rounds to nearest. */
static inline u32 scale_to_khz(u32 mul, s8 shift)
{
    if (!mul)
        return 0;
    u64 khz = ((1000000UL << 32) + mul / 2) / mul;
    return (u32)(shift < 0 ? khz << -shift : khz >> shift);
}

#endif
