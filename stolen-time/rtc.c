// SPDX-License-Identifier: MIT
/* See rtc.h.  Registers: data sheet of the MC146818; the century is where PCs have it. */
#include "rtc.h"

#include "regs.h"

#define RTC_INDEX      0x70
#define RTC_DATA       0x71
#define RTC_CENTURY    0x32
#define A_UPDATING     0x80
#define B_SET          0x80
#define B_BINARY       0x04
#define B_24_HOURS     0x02
#define HOUR_AFTERNOON 0x80

/* Nanoseconds. */
#define PATIENCE    2500000000UL
#define SAME_SECOND 900000000UL

static u32 number(u8 v, bool binary)
{
    return binary ? v : (v >> 4) * 10u + (v & 15);
}

/* Days from 1970-01-01 to a date of the Gregorian calendar; the year is counted from March. */
static u64 days(u32 year, u32 month, u32 day)
{
    if (month <= 2) {
        year--;
        month += 12;
    }
    return 365UL * year + year / 4 - year / 100 + year / 400 + (153 * (month - 3) + 2) / 5 + day -
           1 - 719468;
}

u64 rtc_to_seconds(const struct rtc_registers *r)
{
    bool binary = r->status_b & B_BINARY;
    u32 hour = number(r->hour & ~HOUR_AFTERNOON, binary);
    u32 century = number(r->century, binary), month = number(r->month, binary);
    u32 day = number(r->day, binary);

    if (!(r->status_b & B_24_HOURS))
        hour = hour % 12 + (r->hour & HOUR_AFTERNOON ? 12 : 0);
    if (century < 19 || century > 21) /* firmware that doesn't keep it */
        century = 20;
    if (!month || month > 12 || !day || day > 31)
        return 0;
    return days(century * 100 + number(r->year, binary), month, day) * 86400 + hour * 3600UL +
           number(r->minute, binary) * 60UL + number(r->second, binary);
}

static u8 get(u8 index)
{
    outb(RTC_INDEX, index);
    return inb(RTC_DATA);
}

static u64 rtc_read(void)
{
    struct rtc_registers r;

    /* Two readings of the second that agree, outside an update, enclose one date. */
    for (int tries = 0; tries < 1000; tries++) {
        if (get(10) & A_UPDATING)
            continue;
        r = (struct rtc_registers){get(0), get(2), get(4),           get(7),
                                   get(8), get(9), get(RTC_CENTURY), get(11)};
        if (get(0) == r.second)
            return rtc_to_seconds(&r) * 1000000000UL;
    }
    return 0;
}

/* Waits until a second begins. */
static bool second_begins(u64 (*now)(void))
{
    u64 limit = now() + PATIENCE;
    u8 first = get(0);

    while (get(10) & A_UPDATING || get(0) == first)
        if (now() > limit)
            return false;
    return true;
}

u64 rtc_next_second(u64 (*now)(void))
{
    return second_begins(now) ? rtc_read() : 0;
}

bool rtc_set_as_it_is(u64 (*now)(void))
{
    u64 limit;

    if (!second_begins(now))
        return false;
    limit = now() + SAME_SECOND;
    u8 status_b = get(11); /* and the index stays */
    outb(RTC_DATA, status_b | B_SET);
    outb(RTC_DATA, status_b & (u8)~B_SET);
    return now() < limit;
}
