// SPDX-License-Identifier: MIT
/* From ticks to nanoseconds, and from a scale to a frequency. */
#include "unit.h"
#include "timemath.h"

struct scale {
    u32 mul;
    s8 shift;
};

/* The scale of a counter, with mul in the upper half of its range. */
static struct scale scale_of(u64 hz)
{
    struct scale s = {0, 0};

    for (; hz > 2000000000; hz >>= 1)
        s.shift--;
    for (; hz <= 1000000000; hz <<= 1)
        s.shift++;
    s.mul = (u32)((1000000000UL << 32) / hz);
    return s;
}

static void no_ticks_are_no_time(void **state)
{
    (void)state;
    assert_int_equal(ticks_to_ns(0, 0xffffffff, 0), 0);
    assert_int_equal(ticks_to_ns(0, 0xffffffff, -3), 0);
    assert_int_equal(ticks_to_ns(12345, 0, 0), 0);
}

static void one_half_of_the_multiplier_is_a_half(void **state)
{
    (void)state;
    assert_int_equal(ticks_to_ns(1000, 0x80000000, 0), 500);
    assert_int_equal(ticks_to_ns(1001, 0x80000000, 0), 500);
}

static void shift_goes_before_the_multiplication(void **state)
{
    (void)state;
    assert_int_equal(ticks_to_ns(1000, 0x80000000, 1), 1000);
    assert_int_equal(ticks_to_ns(1000, 0x80000000, 3), 4000);
    assert_int_equal(ticks_to_ns(1000, 0x80000000, -1), 250);
    assert_int_equal(ticks_to_ns(3, 0x80000000, -1), 0); /* not (3 / 2) / 2 rounded up */
}

static void product_has_more_than_64_bits(void **state)
{
    (void)state;
    assert_int_equal(ticks_to_ns(1UL << 62, 0xffffffff, 0), (1UL << 62) - (1UL << 30));
    assert_int_equal(ticks_to_ns(~0UL, 0x80000000, 0), ~0UL >> 1);
}

static void a_second_of_ticks_is_a_second(void **state)
{
    static const u64 hz[] = {1000000000, 1800000000, 2400000000, 3000000000,
                             4700000000, 500000000,  62500000};
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(hz); i++) {
        struct scale s = scale_of(hz[i]);
        u64 ns = ticks_to_ns(hz[i], s.mul, s.shift);
        assert_in_range(ns, 999999998, 1000000000);
    }
}

static void a_year_of_ticks_is_right_to_a_second(void **state)
{
    struct scale s = scale_of(3000000000);
    u64 year = 365 * 86400UL;
    (void)state;
    assert_in_range(ticks_to_ns(year * 3000000000, s.mul, s.shift), (year - 1) * 1000000000,
                    year * 1000000000);
}

static void time_never_goes_back(void **state)
{
    struct scale s = scale_of(2893202000);
    u64 last = 0;
    (void)state;
    for (u64 t = 0; t < 100000; t++) {
        u64 ns = ticks_to_ns((1UL << 50) + t, s.mul, s.shift);
        assert_true(ns >= last);
        last = ns;
    }
}

static void no_scale_is_no_frequency(void **state)
{
    (void)state;
    assert_int_equal(scale_to_khz(0, 0), 0);
    assert_int_equal(scale_to_khz(0, -1), 0);
}

static void frequency_comes_back_from_its_scale(void **state)
{
    static const u32 khz[] = {1000000, 1800000, 2000000, 2400000, 3000000, 4700000, 500000, 62500};
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(khz); i++) {
        struct scale s = scale_of(khz[i] * 1000UL);
        assert_int_equal(scale_to_khz(s.mul, s.shift), khz[i]);
    }
}

static void odd_frequency_without_a_shift_is_exact(void **state)
{
    struct scale s = scale_of(1893201 * 1000UL);
    (void)state;
    assert_int_equal(s.shift, 0);
    assert_int_equal(scale_to_khz(s.mul, s.shift), 1893201);
}

/* To the nearest, as the function says of itself: above 2 GHz the shift is -1. */
static void odd_frequency_above_2_ghz_is_exact(void **state)
{
    struct scale s = scale_of(2893201 * 1000UL);
    (void)state;
    assert_int_equal(s.shift, -1);
    assert_int_equal(scale_to_khz(s.mul, s.shift), 2893201);
}

#define GHZ_MUL 0x80000000U /* with shift 1: one tick is a nanosecond */

static void line_goes_on_at_its_rate(void **state)
{
    struct time_line l = {1000, 5000, GHZ_MUL, 1};
    (void)state;
    assert_int_equal(line_at(&l, 1000), 5000);
    assert_int_equal(line_at(&l, 1500), 5500);
}

/* The TSC of another CPU can be a little behind: time stands then, it doesn't jump by centuries. */
static void line_stands_before_its_start(void **state)
{
    struct time_line l = {1000, 5000, GHZ_MUL, 1};
    (void)state;
    assert_int_equal(line_at(&l, 999), 5000);
    assert_int_equal(line_at(&l, 0), 5000);
}

static void new_line_starts_where_it_is_told(void **state)
{
    struct time_line l = {0};
    (void)state;
    line_follow(&l, 700, 900, 50, GHZ_MUL, 1);
    assert_int_equal(line_at(&l, 700), 900);
    assert_int_equal(line_at(&l, 800), 1000);
}

static void what_is_within_doubt_changes_nothing(void **state)
{
    struct time_line l = {1000, 5000, GHZ_MUL, 1};
    (void)state;
    line_follow(&l, 2000, 6020, 50, GHZ_MUL, 1);
    assert_int_equal(line_at(&l, 2000), 6000);
    assert_int_equal(l.mul, GHZ_MUL);
    line_follow(&l, 3000, 6980, 50, GHZ_MUL, 1);
    assert_int_equal(line_at(&l, 3000), 7000);
    assert_int_equal(l.mul, GHZ_MUL);
}

static void line_behind_steps_forward(void **state)
{
    struct time_line l = {1000, 5000, GHZ_MUL, 1};
    (void)state;
    line_follow(&l, 2000, 6500, 50, GHZ_MUL, 1);
    assert_int_equal(line_at(&l, 2000), 6500);
    assert_int_equal(l.mul, GHZ_MUL);
}

/* Never back, and right again about a second later. */
static void line_ahead_runs_slower(void **state)
{
    struct time_line l = {1000, 5000, GHZ_MUL, 1};
    u64 ahead = 200000;
    (void)state;
    line_follow(&l, 2000, 6000 - ahead, 50, GHZ_MUL, 1);
    assert_int_equal(line_at(&l, 2000), 6000);
    assert_true(l.mul < GHZ_MUL);
    assert_in_range(line_at(&l, 2000 + (1 << 30)), 6000 + (1 << 30) - ahead - 2,
                    6000 + (1 << 30) - ahead + 2);
}

/* Seen every few ms, each time with the host's own rate a little slower than it says. */
static void drift_does_not_add_up(void **state)
{
    struct time_line l = {0, 0, GHZ_MUL, 1};
    u64 last = 0, off = 0;
    (void)state;
    for (u64 t = 5000000; t < 60000000000UL; t += 5000000) {
        u64 real = t - t / 50000; /* 20 ppm */
        u64 shown = line_at(&l, t);
        assert_true(shown >= last);
        line_follow(&l, t, real, 1000, GHZ_MUL, 1);
        last = line_at(&l, t);
        assert_true(last >= shown);
        off = last - real;
    }
    assert_true(off < 40000);
}

/* A TSC that was set, or a host that went on without us. */
static void far_off_is_no_drift(void **state)
{
    struct time_line l = {1000, 5000000, GHZ_MUL, 1};
    (void)state;
    line_follow(&l, 2000, 3000000, 50, GHZ_MUL, 1);
    assert_int_equal(line_at(&l, 2000), 3000000);
    line_follow(&l, 3000, 1UL << 50, 50, GHZ_MUL, 1);
    assert_int_equal(line_at(&l, 3000), 1UL << 50);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(no_ticks_are_no_time),
    cmocka_unit_test(one_half_of_the_multiplier_is_a_half),
    cmocka_unit_test(shift_goes_before_the_multiplication),
    cmocka_unit_test(product_has_more_than_64_bits),
    cmocka_unit_test(a_second_of_ticks_is_a_second),
    cmocka_unit_test(a_year_of_ticks_is_right_to_a_second),
    cmocka_unit_test(time_never_goes_back),
    cmocka_unit_test(no_scale_is_no_frequency),
    cmocka_unit_test(frequency_comes_back_from_its_scale),
    cmocka_unit_test(odd_frequency_without_a_shift_is_exact),
    cmocka_unit_test(odd_frequency_above_2_ghz_is_exact),
    cmocka_unit_test(line_goes_on_at_its_rate),
    cmocka_unit_test(line_stands_before_its_start),
    cmocka_unit_test(new_line_starts_where_it_is_told),
    cmocka_unit_test(what_is_within_doubt_changes_nothing),
    cmocka_unit_test(line_behind_steps_forward),
    cmocka_unit_test(line_ahead_runs_slower),
    cmocka_unit_test(drift_does_not_add_up),
    cmocka_unit_test(far_off_is_no_drift),
};

UNIT_MAIN(tests)
