/* SPDX-License-Identifier: MIT */
/* The emulated real-time clock: the wall clock, or the way to it, where L0 has none for HVM domains
 * (3.4).  Its own date is 1 to 2 s late there: the chip's first second takes two. */
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
/*
 * Sets the clock to what it shows, at the begin of a second: on this Xen writes the wall clock of
 * shared_info, which 3.4 does at no other time (its vrtc: SET of register B cleared).  A date that
 * changed in between would be set back, hence the begin.  False: no second begins, or the CPU was
 * away for so long that this may have happened.
 */
bool rtc_set_as_it_is(u64 (*now)(void));

#endif
