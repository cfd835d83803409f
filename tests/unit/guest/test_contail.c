// SPDX-License-Identifier: MIT
/* What COM1 gets when it joins the console: the last 4 KiB, then everything, once and in order; and
 * that a port that takes nothing stops nobody for more than a second. */
#include "unit.h"

#include <stdio.h>

#include "com1.h"
#include "contail.h"

#define SECOND 1000000000UL

static char out[1 << 16];
static size_t got, most_at_once, busy; /* of each `busy + 1` looks one finds the port empty */
static bool deaf;

size_t com1_send(const u8 *p, size_t n)
{
    static size_t looks;

    if (deaf || !n || looks++ % (busy + 1))
        return 0;
    n = n < most_at_once ? n : most_at_once;
    memcpy(out + got, p, n);
    got += n;
    return n;
}

static char byte_of(u32 i)
{
    return (char)(i * 31 + i / 256);
}
static u32 said_so_far;
static void say(u32 n)
{
    for (; n; n--, said_so_far++) {
        char c = byte_of(said_so_far);
        contail_put(&c, 1);
    }
}
static void out_is(u32 from, size_t n)
{
    assert_int_equal(got, n);
    for (u32 i = 0; i < n; i++)
        assert_int_equal(out[i], byte_of(from + i));
}
static void drain(void)
{
    while (contail_left())
        contail_send(112, SECOND);
}

static int start(void **state)
{
    (void)state;
    contail_leave();
    got = 0, most_at_once = 16, busy = 0, deaf = false;
    return 0;
}

static void nothing_before_it_joins(void **state)
{
    (void)state;
    say(100);
    assert_false(contail_left());
    assert_false(contail_send(112, 1));
    assert_int_equal(contail_room(), ~0u);
    assert_int_equal(got, 0);
}

static void the_last_4_kib_then_all(void **state)
{
    (void)state;
    say(CONTAIL_BYTES * 3 + 77);
    u32 from = said_so_far - CONTAIL_BYTES;
    contail_join();
    contail_join(); /* again changes nothing */
    assert_int_equal(contail_room(), 0);
    assert_true(contail_send(112, 1));
    assert_int_equal(got, 112);
    assert_int_equal(contail_room(), 112);
    drain();
    out_is(from, CONTAIL_BYTES);
    busy = 7;
    for (int i = 0; i < 1000; i++) {
        u32 n = (u32)i % 50;
        while (contail_room() < n)
            contail_send(112, 1);
        say(n);
        contail_send(3, 1);
    }
    drain();
    out_is(from, CONTAIL_BYTES + 20 * (49 * 50 / 2));
}

static void a_short_past_is_sent_once(void **state)
{
    (void)state;
    u32 from = said_so_far;

    contail_join();
    drain();
    got = 0;
    say(10);
    drain();
    out_is(from, 10);
}

static void a_deaf_port_is_stuck_after_a_second(void **state)
{
    (void)state;
    contail_join();
    drain();
    got = 0;
    deaf = true;
    say(CONTAIL_BYTES);
    assert_int_equal(contail_room(), 0);
    contail_send(112, 5 * SECOND);
    contail_send(112, 5 * SECOND + SECOND / 2);
    contail_send(112, 6 * SECOND);
    assert_true(contail_left());
    contail_send(112, 7 * SECOND);
    assert_int_equal(contail_room(), ~0u);
    assert_false(contail_left()); /* nobody needs look again soon */
    say(1000);
    deaf = false; /* it reads again: what isn't too old, and what follows */
    u32 from = said_so_far - CONTAIL_BYTES;
    assert_true(contail_send(112, 9 * SECOND));
    assert_true(contail_left());
    drain();
    out_is(from, CONTAIL_BYTES);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(nothing_before_it_joins, start),
    cmocka_unit_test_setup(the_last_4_kib_then_all, start),
    cmocka_unit_test_setup(a_short_past_is_sent_once, start),
    cmocka_unit_test_setup(a_deaf_port_is_stuck_after_a_second, start),
};

UNIT_MAIN(tests)
