// SPDX-License-Identifier: MIT
/* Sets of frames by a flag of their states. */
#include "unit.h"
#include "frame_set.h"

#define FLAG  0x08
#define PAGES 150
#define END   (PAGES * FRAME_SET_PAGE)

static u8 states[END] __aligned(8);
static u64 blocks[(PAGES + 63) / 64];
static struct frame_set set = {states, END, blocks, FLAG};

static int start(void **state)
{
    (void)state;
    memset(states, 0xf7, sizeof(states));
    memset(blocks, 0, sizeof(blocks));
    return 0;
}

static void add(mfn_t mfn)
{
    states[mfn] |= FLAG;
    frame_set_add(&set, mfn);
}

static void take(mfn_t mfn)
{
    states[mfn] &= (u8)~FLAG;
}

static void size_is_a_bit_a_page(void **state)
{
    (void)state;
    assert_int_equal(frame_set_size(END), sizeof(blocks));
    assert_int_equal(frame_set_size(64 * FRAME_SET_PAGE), 8);
}

static void empty_set_has_no_next(void **state)
{
    (void)state;
    assert_int_equal(frame_set_next(&set, 0), END);
    assert_int_equal(frame_set_next(&set, END - 1), END);
    assert_int_equal(frame_set_next(&set, END), END);
}

static void next_finds_each_in_order(void **state)
{
    static const mfn_t all[] = {0, 1, 7, 8, 4095, 4096, 64 * 4096UL, 64 * 4096UL + 9, END - 1};
    mfn_t at = 0;

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(all); i++)
        add(all[i]);
    for (unsigned i = 0; i < ARRAY_SIZE(all); i++) {
        at = frame_set_next(&set, at);
        assert_int_equal(at, all[i]);
        at++;
    }
    assert_int_equal(frame_set_next(&set, at), END);
}

static void frames_taken_out_are_not_found(void **state)
{
    (void)state;
    add(5), add(5000), add(5001);
    take(5), take(5000);
    assert_int_equal(frame_set_next(&set, 0), 5001);
    take(5001);
    assert_int_equal(frame_set_next(&set, 0), END);
}

static void blocks_found_empty_are_not_looked_at_again(void **state)
{
    (void)state;
    add(70 * 4096UL + 3);
    take(70 * 4096UL + 3);
    frame_set_next(&set, 0);
    assert_int_equal(blocks[1], 0);
    add(70 * 4096UL + 4);
    assert_int_equal(frame_set_next(&set, 0), 70 * 4096UL + 4);
}

static void a_look_from_the_middle_keeps_what_is_before(void **state)
{
    (void)state;
    add(10);
    assert_int_equal(frame_set_next(&set, 11), END);
    assert_int_equal(frame_set_next(&set, 0), 10);
}

/* As often as must be. */
static mfn_t run(u64 n)
{
    mfn_t from = 0;

    while (from < END)
        if (frame_set_run(&set, &from, n))
            return from;
    return END;
}

static void runs_are_aligned(void **state)
{
    (void)state;
    for (mfn_t m = 3; m < 16; m++)
        add(m);
    assert_int_equal(run(1), 3);
    assert_int_equal(run(4), 4);
    assert_int_equal(run(8), 8);
    assert_int_equal(run(16), END);
}

static void a_run_with_a_gap_is_none(void **state)
{
    (void)state;
    for (mfn_t m = 512; m < 2048; m++)
        add(m);
    take(600), take(1535);
    assert_int_equal(run(512), 1536);
    take(2047);
    assert_int_equal(run(512), END);
}

static void long_searches_are_done_in_parts(void **state)
{
    mfn_t from = 0;
    int parts = 0;

    (void)state;
    for (mfn_t m = 0; m < END; m += 2)
        add(m);
    while (from < END) {
        assert_false(frame_set_run(&set, &from, 2));
        parts++;
    }
    assert_in_range(parts, END / 2 * 9 / 4096 / 2, END);
    add(END - 1);
    assert_int_equal(run(2), END - 2);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(size_is_a_bit_a_page),
    cmocka_unit_test_setup(empty_set_has_no_next, start),
    cmocka_unit_test_setup(next_finds_each_in_order, start),
    cmocka_unit_test_setup(frames_taken_out_are_not_found, start),
    cmocka_unit_test_setup(blocks_found_empty_are_not_looked_at_again, start),
    cmocka_unit_test_setup(a_look_from_the_middle_keeps_what_is_before, start),
    cmocka_unit_test_setup(runs_are_aligned, start),
    cmocka_unit_test_setup(a_run_with_a_gap_is_none, start),
    cmocka_unit_test_setup(long_searches_are_done_in_parts, start),
};

UNIT_MAIN(tests)
