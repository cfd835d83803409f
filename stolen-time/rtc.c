// SPDX-License-Identifier: MIT
/* See rtc.h.  Reading it costs port accesses, so it is done once, at start. */
#include "rtc.h"

#include "clock.h"
#include "regs.h"

#define RTC_SEC      0x00
#define RTC_MIN      0x02
#define RTC_HOUR     0x04
#define RTC_DAY      0x07
#define RTC_MONTH    0x08
#define RTC_YEAR     0x09
#define RTC_STATUS_A 0x0a
#define RTC_STATUS_B 0x0b
#define RTC_CENTURY  0x32

#define A_UPDATING 0x80
#define B_BINARY   0x04
#define B_24_HOURS 0x02
#define HOUR_PM    0x80

#define PATIENCE 2500000000UL

static u32 number(const struct rtc_regs *r, u8 v)
{
    return r->status_b & B_BINARY ? v : (v >> 4) * 10u + (v & 15u);
}

u64 rtc_seconds(const struct rtc_regs *r)
{
    static const u16 days_before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    u32 century = number(r, r->century), year = number(r, r->year), month = number(r, r->month);
    u32 day = number(r, r->day), hour = number(r, r->hour & 0x7f), min = number(r, r->min);

    if (!(r->status_b & B_24_HOURS))
        hour = hour % 12 + (r->hour & HOUR_PM ? 12 : 0);
    year += 100 * (century < 19 || century > 29 ? 20 : century);
    if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || min > 59 ||
        number(r, r->sec) > 59 || year < 1970)
        return 0;

    /* Leap days up to the end of last year, and this year's when it is over. */
    u32 last = year - 1, leap = last / 4 - last / 100 + last / 400 - (1969 / 4 - 1969 / 100 + 4);
    u64 days = (year - 1970) * 365UL + leap + days_before[month - 1] + day - 1;
    if (month > 2 && year % 4 == 0 && (year % 100 || year % 400 == 0))
        days++;
    return days * 86400 + hour * 3600 + min * 60 + number(r, r->sec);
}

static u8 cmos(u8 reg)
{
    outb(0x70, reg);
    return inb(0x71);
}

u64 rtc_next_second(void)
{
    u64 limit = clock_now() + PATIENCE;
    u8 first = cmos(RTC_SEC);
    struct rtc_regs r;

    /* What is read right behind the change of the second stands for the better part of one. */
    while (cmos(RTC_STATUS_A) & A_UPDATING || cmos(RTC_SEC) == first)
        if (clock_now() > limit)
            return 0;
    r = (struct rtc_regs){
        .sec = cmos(RTC_SEC),
        .min = cmos(RTC_MIN),
        .hour = cmos(RTC_HOUR),
        .day = cmos(RTC_DAY),
        .month = cmos(RTC_MONTH),
        .year = cmos(RTC_YEAR),
        .century = cmos(RTC_CENTURY),
        .status_b = cmos(RTC_STATUS_B),
    };
    return rtc_seconds(&r);
}
