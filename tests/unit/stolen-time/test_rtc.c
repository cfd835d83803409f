// SPDX-License-Identifier: MIT
/* The date in the registers of the real-time clock. */
#include "unit.h"
#include "rtc.h"

#define BCD_24H    0x02
#define BINARY_24H 0x06

static struct rtc_registers at(u8 century, u8 year, u8 month, u8 day, u8 hour)
{
    return (struct rtc_registers){.century = century,
                                  .year = year,
                                  .month = month,
                                  .day = day,
                                  .hour = hour,
                                  .status_b = BCD_24H};
}

static void dates_in_bcd(void **state)
{
    struct rtc_registers r = at(0x19, 0x70, 0x01, 0x01, 0);

    (void)state;
    assert_int_equal(rtc_to_seconds(&r), 0);
    r = at(0x20, 0x00, 0x02, 0x29, 0x23);
    r.minute = 0x59;
    r.second = 0x58;
    assert_int_equal(rtc_to_seconds(&r), 951868798);
    r = at(0x20, 0x26, 0x11, 0x24, 0x20);
    assert_int_equal(rtc_to_seconds(&r), 1795550400);
    r = at(0x21, 0x00, 0x03, 0x01, 0);
    assert_int_equal(rtc_to_seconds(&r), 4107542400);
}

static void dates_in_binary(void **state)
{
    struct rtc_registers r = {58, 59, 23, 29, 2, 0, 20, BINARY_24H};

    (void)state;
    assert_int_equal(rtc_to_seconds(&r), 951868798);
}

static void noon_and_midnight_of_twelve_hours(void **state)
{
    struct rtc_registers r = {0, 0, 0x12, 1, 1, 0x70, 0x19, 0};

    (void)state;
    assert_int_equal(rtc_to_seconds(&r), 0);
    r.hour = 0x92;
    assert_int_equal(rtc_to_seconds(&r), 12 * 3600);
    r.hour = 0x81;
    assert_int_equal(rtc_to_seconds(&r), 13 * 3600);
    r.hour = 0x11;
    assert_int_equal(rtc_to_seconds(&r), 11 * 3600);
}

static void a_century_that_is_not_kept_is_this_one(void **state)
{
    struct rtc_registers r = at(0, 0x10, 0x06, 0x15, 0x12);

    (void)state;
    assert_int_equal(rtc_to_seconds(&r), 1276603200);
    r.century = 0xff;
    assert_int_equal(rtc_to_seconds(&r), 1276603200);
}

static void no_chip_is_no_date(void **state)
{
    struct rtc_registers r;

    (void)state;
    memset(&r, 0xff, sizeof(r));
    assert_int_equal(rtc_to_seconds(&r), 0);
    memset(&r, 0, sizeof(r));
    assert_int_equal(rtc_to_seconds(&r), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(dates_in_bcd),
    cmocka_unit_test(dates_in_binary),
    cmocka_unit_test(noon_and_midnight_of_twelve_hours),
    cmocka_unit_test(a_century_that_is_not_kept_is_this_one),
    cmocka_unit_test(no_chip_is_no_date),
};

UNIT_MAIN(tests)
