// SPDX-License-Identifier: MIT
/* Free memory before the guest is built: what is spoken for, what is taken. */
#include "ram_fixture.h"
#include "layout.h"

static void all_ram_is_free_at_first(void **state)
{
    (void)state;
    assert_int_equal(r.nr, 2);
    assert_free(0, 16, 32);
    assert_free(1, 64, 128);
    assert_int_equal(r.frames, 80);
    assert_int_equal(r.top, 128);
    assert_int_equal(ram_free_frames(&r), 80);
}

static void reserving_the_middle_splits(void **state)
{
    (void)state;
    ram_reserve(&r, 70, 80);
    assert_int_equal(r.nr, 3);
    assert_free(0, 16, 32);
    assert_free(1, 64, 70);
    assert_free(2, 80, 128);
}

static void reserving_an_end_shortens(void **state)
{
    (void)state;
    ram_reserve(&r, 64, 70);
    ram_reserve(&r, 120, 128);
    assert_int_equal(r.nr, 2);
    assert_free(1, 70, 120);
}

static void reserving_all_of_a_piece_removes_it(void **state)
{
    (void)state;
    ram_reserve(&r, 16, 32);
    assert_int_equal(r.nr, 1);
    assert_free(0, 64, 128);
    ram_reserve(&r, 64, 128);
    assert_int_equal(r.nr, 0);
    assert_int_equal(ram_free_frames(&r), 0);
}

static void reserving_across_a_gap_takes_of_both(void **state)
{
    (void)state;
    ram_reserve(&r, 20, 100);
    assert_int_equal(r.nr, 2);
    assert_free(0, 16, 20);
    assert_free(1, 100, 128);
}

static void reserving_everything_leaves_nothing(void **state)
{
    (void)state;
    ram_reserve(&r, 0, ~0UL);
    assert_int_equal(r.nr, 0);
}

static void reserving_what_is_not_ram_changes_nothing(void **state)
{
    (void)state;
    ram_reserve(&r, 0, 16);
    ram_reserve(&r, 32, 64);
    ram_reserve(&r, 128, 256);
    assert_int_equal(r.nr, 2);
    assert_int_equal(ram_free_frames(&r), 80);
}

static void reserving_twice_is_reserving_once(void **state)
{
    (void)state;
    ram_reserve(&r, 70, 80);
    ram_reserve(&r, 70, 80);
    ram_reserve(&r, 72, 78);
    assert_int_equal(ram_free_frames(&r), 70);
}

static void reserving_does_not_change_what_ram_there_is(void **state)
{
    (void)state;
    ram_reserve(&r, 16, 32);
    assert_int_equal(r.frames, 80);
    assert_int_equal(r.top, 128);
}

static void lowest_frame_is_taken_first(void **state)
{
    (void)state;
    for (mfn_t mfn = 16; mfn < 32; mfn++)
        assert_int_equal(ram_take(&r), mfn);
    assert_int_equal(ram_take(&r), 64);
    assert_int_equal(ram_free_frames(&r), 63);
}

static void nothing_left_is_0(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 80; i++)
        assert_int_not_equal(ram_take(&r), 0);
    assert_int_equal(ram_take(&r), 0);
    assert_int_equal(ram_take(&r), 0);
}

static void run_is_the_lowest_that_is_long_enough(void **state)
{
    (void)state;
    assert_int_equal(ram_take_run(&r, 17), 64);
    assert_int_equal(ram_take_run(&r, 16), 16);
    assert_int_equal(r.nr, 1);
    assert_free(0, 81, 128);
}

static void run_longer_than_any_piece_is_0(void **state)
{
    (void)state;
    assert_int_equal(ram_take_run(&r, 65), 0);
    assert_int_equal(ram_free_frames(&r), 80);
    assert_int_equal(ram_take_run(&r, 64), 64);
}

static void highest_frames_are_taken_from_the_top(void **state)
{
    struct extent e = ram_take_top(&r, 4);

    (void)state;
    assert_int_equal(e.start, 124);
    assert_int_equal(e.end, 128);
    assert_free(1, 64, 124);
    e = ram_take_top(&r, 1000); /* no more than is in one piece */
    assert_int_equal(e.start, 64);
    assert_int_equal(e.end, 124);
    assert_int_equal(r.nr, 1);
    e = ram_take_top(&r, 16);
    assert_int_equal(e.start, 16);
    assert_int_equal(e.end, 32);
    assert_int_equal(r.nr, 0);
    e = ram_take_top(&r, 1);
    assert_int_equal(e.end - e.start, 0);
}

static void more_pieces_than_there_is_room_for_is_a_panic(void **state)
{
    static const struct boot_info info = {.ram = {{0x1000, 0x1000000}}, .nr_ram = 1};
    (void)state;
    ram_init(&r, &info);
    for (mfn_t i = 1; i < RAM_MAX_EXTENTS; i++)
        ram_reserve(&r, i * 2, i * 2 + 1);
    assert_int_equal(r.nr, RAM_MAX_EXTENTS);
    expect_assert_failure(ram_reserve(&r, 1000, 1001));
}

/* A host whose loader's map calls everything RAM, and whose toolstack put its pages into it. */
static void special_pages_are_never_free(void **state)
{
    static const struct boot_info all = {.ram = {{0, 8UL << 30}}, .nr_ram = 1};
    (void)state;
    ram_init(&r, &all);
    ram_reserve_special(&r, 0x1f7fc, 0x1f7ff);
    assert_int_equal(r.nr, 4);
    assert_free(0, 0, 0x1f7fc);
    assert_free(1, 0x1f7fd, 0x1f7ff);
    assert_free(2, 0x1f800, L0_SHARED_GFN_FIRST);
    assert_free(3, 0x100000, 0x200000);
}

static void no_special_pages_reserve_nothing_below(void **state)
{
    (void)state;
    ram_reserve_special(&r, 0, 0);
    assert_int_equal(ram_free_frames(&r), 80);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(all_ram_is_free_at_first, start),
    cmocka_unit_test_setup(reserving_the_middle_splits, start),
    cmocka_unit_test_setup(reserving_an_end_shortens, start),
    cmocka_unit_test_setup(reserving_all_of_a_piece_removes_it, start),
    cmocka_unit_test_setup(reserving_across_a_gap_takes_of_both, start),
    cmocka_unit_test_setup(reserving_everything_leaves_nothing, start),
    cmocka_unit_test_setup(reserving_what_is_not_ram_changes_nothing, start),
    cmocka_unit_test_setup(reserving_twice_is_reserving_once, start),
    cmocka_unit_test_setup(reserving_does_not_change_what_ram_there_is, start),
    cmocka_unit_test_setup(special_pages_are_never_free, start),
    cmocka_unit_test_setup(no_special_pages_reserve_nothing_below, start),
    cmocka_unit_test_setup(lowest_frame_is_taken_first, start),
    cmocka_unit_test_setup(nothing_left_is_0, start),
    cmocka_unit_test_setup(run_is_the_lowest_that_is_long_enough, start),
    cmocka_unit_test_setup(run_longer_than_any_piece_is_0, start),
    cmocka_unit_test_setup(highest_frames_are_taken_from_the_top, start),
    cmocka_unit_test_setup(more_pieces_than_there_is_room_for_is_a_panic, start),
};

UNIT_MAIN(tests)
