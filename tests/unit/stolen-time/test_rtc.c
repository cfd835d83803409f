// SPDX-License-Identifier: MIT
/* The date in the registers of the real-time clock, and setting it to what it shows. */
#include "unit.h"
#include "regs.h"

/* A clock chip of the test's, on the ports; each access takes 50 us. */
static u8 port_in(u16 port);
static void port_out(u16 port, u8 value);
#define inb  port_in
#define outb port_out
#include "../../../stolen-time/rtc.c"

#define BCD_24H    0x02
#define BINARY_24H 0x06
#define MS         1000000UL
#define START      (1000 * MS + 700 * MS)

static struct chip {
    u64 now;              /* ns */
    u64 away;             /* for so long the CPU is away when SET is set */
    bool stands;          /* the chip doesn't run */
    u8 index, status_b;   /* as on the chip */
    u64 set_at, clear_at; /* when SET was */
    u8 set_with;          /* the whole of what was written when it was cleared */
    unsigned int writes;
} chip;

static u64 chip_now(void)
{
    return chip.now += 1000;
}

static u8 port_in(u16 port)
{
    u64 second = chip.stands ? 0 : chip.now / (1000 * MS);

    assert_int_equal(port, RTC_DATA);
    chip.now += 50000;
    switch (chip.index) {
    case 0:
        return (u8)(second % 60 / 10 << 4 | second % 60 % 10);
    case 7:
    case 8:
        return 1;
    case 11:
        return chip.status_b;
    case RTC_CENTURY:
        return 0x20;
    }
    return 0;
}

static void port_out(u16 port, u8 value)
{
    chip.now += 50000;
    if (port == RTC_INDEX) {
        chip.index = value;
        return;
    }
    chip.writes++;
    assert_int_equal(chip.index, 11);
    if (value & B_SET) {
        chip.set_at = chip.now;
        chip.now += chip.away;
    } else {
        chip.clear_at = chip.now;
        chip.set_with = value;
    }
    chip.status_b = value;
}

static int chip_runs(void **state)
{
    (void)state;
    chip = (struct chip){.now = START, .status_b = BCD_24H};
    return 0;
}

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

static void next_second_is_the_date_when_it_begins(void **state)
{
    (void)state;
    assert_int_equal(rtc_next_second(chip_now), (946684800UL + 2) * 1000 * MS);
    assert_in_range(chip.now, 2000 * MS, 2005 * MS);
    assert_int_equal(chip.writes, 0);
}

/* In the second that has begun, and nothing else of register B changes: the date stays. */
static void chip_is_set_to_what_it_shows(void **state)
{
    (void)state;
    assert_true(rtc_set_as_it_is(chip_now));
    assert_int_equal(chip.writes, 2);
    assert_in_range(chip.set_at, 2000 * MS, 2005 * MS);
    assert_in_range(chip.clear_at, chip.set_at, 2005 * MS);
    assert_int_equal(chip.set_with, BCD_24H);
}

static void chip_set_too_long_is_not_trusted(void **state)
{
    (void)state;
    chip.away = 1000 * MS;
    assert_false(rtc_set_as_it_is(chip_now));
    assert_false(chip.status_b & B_SET);
}

static void chip_that_stands_is_left_alone(void **state)
{
    (void)state;
    chip.stands = true;
    assert_false(rtc_set_as_it_is(chip_now));
    assert_int_equal(rtc_next_second(chip_now), 0);
    assert_int_equal(chip.writes, 0);
    assert_true(chip.now > START + PATIENCE);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(dates_in_bcd),
    cmocka_unit_test(dates_in_binary),
    cmocka_unit_test(noon_and_midnight_of_twelve_hours),
    cmocka_unit_test(a_century_that_is_not_kept_is_this_one),
    cmocka_unit_test(no_chip_is_no_date),
    cmocka_unit_test_setup(next_second_is_the_date_when_it_begins, chip_runs),
    cmocka_unit_test_setup(chip_is_set_to_what_it_shows, chip_runs),
    cmocka_unit_test_setup(chip_set_too_long_is_not_trusted, chip_runs),
    cmocka_unit_test_setup(chip_that_stands_is_left_alone, chip_runs),
};

UNIT_MAIN(tests)
