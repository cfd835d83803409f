/* SPDX-License-Identifier: MIT */
/* The emulated CMOS clock: the wall clock of L0s that tell it in no other way. */
#ifndef STOLEN_TIME_RTC_H
#define STOLEN_TIME_RTC_H

#include "types.h"

/* The clock's registers as they are read, and what they mean in seconds since 1970; 0 = nonsense.
 */
struct rtc_regs {
    u8 sec, min, hour, day, month, year, century, status_b;
};
u64 rtc_seconds(const struct rtc_regs *r);

/* Waits for the clock's next second (one at most) and returns it, in seconds since 1970; 0 when
 * the clock stands or shows nonsense. */
u64 rtc_next_second(void);

#endif
