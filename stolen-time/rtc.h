/* SPDX-License-Identifier: MIT */
/* The emulated real-time clock: the only wall clock where L0 has none for HVM domains (3.4). */
#ifndef STOLEN_TIME_RTC_H
#define STOLEN_TIME_RTC_H

#include "types.h"

/* The date as the chip's registers have it: what they read as, and the mode (status B). */
struct rtc_registers {
    u8 second, minute, hour, day, month, year, century, status_b;
};

/* Seconds since 1970 UTC, or 0 when the registers hold no date. */
u64 rtc_to_seconds(const struct rtc_registers *r);
/* Reads the chip: nanoseconds since 1970, when the next second begins.  0 when none does, by the
 * clock `now` in nanoseconds. */
u64 rtc_next_second(u64 (*now)(void));

#endif
