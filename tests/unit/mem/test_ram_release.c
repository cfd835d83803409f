// SPDX-License-Identifier: MIT
/* Free memory before the guest is built: frames that come back. */
#include "ram_fixture.h"

static void frame_behind_a_piece_joins_it(void **state)
{
    (void)state;
    ram_release(&r, 32);
    assert_int_equal(r.nr, 2);
    assert_free(0, 16, 33);
}

static void frame_before_a_piece_joins_it(void **state)
{
    (void)state;
    ram_release(&r, 63);
    assert_int_equal(r.nr, 2);
    assert_free(1, 63, 128);
    ram_release(&r, 15);
    assert_free(0, 15, 32);
}

static void frame_by_itself_is_a_piece_in_its_place(void **state)
{
    (void)state;
    ram_release(&r, 40);
    ram_release(&r, 1);
    assert_int_equal(r.nr, 4);
    assert_free(0, 1, 2);
    assert_free(1, 16, 32);
    assert_free(2, 40, 41);
    assert_free(3, 64, 128);
}

static void frame_above_all_goes_last(void **state)
{
    (void)state;
    ram_release(&r, 200);
    assert_int_equal(r.nr, 3);
    assert_free(2, 200, 201);
}

static void last_frame_of_a_gap_joins_its_neighbours(void **state)
{
    (void)state;
    for (mfn_t mfn = 32; mfn < 64; mfn++)
        ram_release(&r, mfn);
    assert_int_equal(r.nr, 1);
    assert_free(0, 16, 128);
}

static void gap_closes_from_above_too(void **state)
{
    (void)state;
    for (mfn_t mfn = 63; mfn >= 32; mfn--)
        ram_release(&r, mfn);
    assert_int_equal(r.nr, 1);
    assert_free(0, 16, 128);
}

static void what_was_reserved_comes_back_whole(void **state)
{
    (void)state;
    ram_reserve(&r, 70, 80);
    for (mfn_t mfn = 70; mfn < 80; mfn++)
        ram_release(&r, mfn);
    assert_int_equal(r.nr, 2);
    assert_free(1, 64, 128);
}

static void what_was_taken_comes_back(void **state)
{
    (void)state;
    mfn_t mfn = ram_take(&r);
    ram_release(&r, mfn);
    assert_free(0, 16, 32);
    assert_int_equal(ram_take(&r), mfn);
}

static void first_frame_into_nothing(void **state)
{
    (void)state;
    ram_reserve(&r, 0, 1000);
    ram_release(&r, 77);
    assert_int_equal(r.nr, 1);
    assert_free(0, 77, 78);
}

/* The pieces stay in order, apart, and sum up, whatever comes in whichever order. */
static void any_order_gives_the_same_pieces(void **state)
{
    (void)state;
    for (unsigned int step = 1; step < 32; step += 2) { /* odd: reaches every one of 32 */
        start(NULL);
        ram_reserve(&r, 64, 96);
        for (unsigned int i = 0, at = 0; i < 32; i++, at = (at + step) % 32) {
            ram_release(&r, 64 + at);
            assert_int_equal(ram_free_frames(&r), 48 + i + 1);
            for (unsigned int k = 1; k < r.nr; k++)
                assert_true(r.free[k - 1].end < r.free[k].start);
        }
        assert_int_equal(r.nr, 2);
        assert_free(1, 64, 128);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(frame_behind_a_piece_joins_it, start),
    cmocka_unit_test_setup(frame_before_a_piece_joins_it, start),
    cmocka_unit_test_setup(frame_by_itself_is_a_piece_in_its_place, start),
    cmocka_unit_test_setup(frame_above_all_goes_last, start),
    cmocka_unit_test_setup(last_frame_of_a_gap_joins_its_neighbours, start),
    cmocka_unit_test_setup(gap_closes_from_above_too, start),
    cmocka_unit_test_setup(what_was_reserved_comes_back_whole, start),
    cmocka_unit_test_setup(what_was_taken_comes_back, start),
    cmocka_unit_test_setup(first_frame_into_nothing, start),
    cmocka_unit_test_setup(any_order_gives_the_same_pieces, start),
};

UNIT_MAIN(tests)
