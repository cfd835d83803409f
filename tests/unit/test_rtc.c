// SPDX-License-Identifier: MIT
/* The CMOS clock's registers as seconds since 1970; wanted values are the C library's. */
#include "unit.h"
#include "rtc.h"
#include <time.h>

u64 clock_now(void);
u64 clock_now(void)
{
    return 0;
}

static u8 bcd(int v)
{
    return (u8)(v / 10 << 4 | v % 10);
}

static struct rtc_regs regs_of(time_t t, u8 status_b)
{
    struct tm tm;
    tm = *gmtime(&t);
    u8 (*form)(int) = bcd;
    u8 hour;

#define FORM(v) (status_b & 4 ? (u8)(v) : form(v))
    if (status_b & 2)
        hour = FORM(tm.tm_hour);
    else
        hour = FORM(tm.tm_hour % 12 ? tm.tm_hour % 12 : 12) | (tm.tm_hour >= 12 ? 0x80 : 0);
    return (struct rtc_regs){
        .sec = FORM(tm.tm_sec),
        .min = FORM(tm.tm_min),
        .hour = hour,
        .day = FORM(tm.tm_mday),
        .month = FORM(tm.tm_mon + 1),
        .year = FORM(tm.tm_year % 100),
        .century = FORM(19 + tm.tm_year / 100),
        .status_b = status_b,
    };
}

static void every_form_over_two_centuries(void **state)
{
    static const u8 forms[] = {0, 2, 4, 6}; /* BCD or binary, 12 or 24 hours */
    (void)state;
    /* A prime step: all times of day come up. */
    for (time_t t = 0; t < 7200000000; t += 100003)
        for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
            struct rtc_regs r = regs_of(t, forms[i]);
            assert_int_equal(rtc_seconds(&r), t);
        }
}

static void clock_without_century_is_of_ours(void **state)
{
    struct rtc_regs r = regs_of(1500000000, 2);
    (void)state;
    r.century = 0;
    assert_int_equal(rtc_seconds(&r), 1500000000);
    r.century = 0xff;
    assert_int_equal(rtc_seconds(&r), 1500000000);
}

static void nonsense_is_no_time(void **state)
{
    static const struct rtc_regs bad[] = {
        {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
        {0, 0, 0, 0, 0, 0, 0, 2},
        {0x60, 0, 0, 1, 1, 0x26, 0x20, 2},
        {0, 0x60, 0, 1, 1, 0x26, 0x20, 2},
        {0, 0, 0x24, 1, 1, 0x26, 0x20, 2},
        {0, 0, 0, 0x32, 1, 0x26, 0x20, 2},
        {0, 0, 0, 1, 0x13, 0x26, 0x20, 2},
        {0, 0, 0, 1, 1, 0x69, 0x19, 2},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        assert_int_equal(rtc_seconds(&bad[i]), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_form_over_two_centuries),
    cmocka_unit_test(clock_without_century_is_of_ours),
    cmocka_unit_test(nonsense_is_no_time),
};

UNIT_MAIN(tests)
