// SPDX-License-Identifier: MIT
/* The loader's memory map, put in order. */
#include "mb2.h"

static struct mb2 m;
static struct boot_info info;
static u8 *copy;

static int end(void **state)
{
    (void)state;
    free(copy);
    copy = NULL;
    return 0;
}

static const char *read_map(const struct mb2_ram *ram, u32 n)
{
    mb2_start(&m);
    mb2_mmap(&m, ram, n);
    mb2_tag(&m, 0, "", 0);
    free(copy);
    return mb2_read(&m, &info, &copy);
}

static void pieces_are_sorted(void **state)
{
    static const struct mb2_ram ram[] = {
        {0x500000, 0x1000, 1, 0}, {0x100000, 0x1000, 1, 0}, {0x300000, 0x1000, 1, 0}};
    (void)state;
    assert_accepted(read_map(ram, 3));
    assert_int_equal(info.nr_ram, 3);
    assert_int_equal(info.ram[0].start, 0x100000);
    assert_int_equal(info.ram[1].start, 0x300000);
    assert_int_equal(info.ram[2].start, 0x500000);
    assert_int_equal(info.ram[2].end, 0x501000);
}

static void pieces_are_rounded_inwards(void **state)
{
    static const struct mb2_ram ram[] = {{0x1001, 0x4ffe, 1, 0}};
    (void)state;
    assert_accepted(read_map(ram, 1));
    assert_int_equal(info.ram[0].start, 0x2000);
    assert_int_equal(info.ram[0].end, 0x5000);
}

static void pieces_without_a_whole_page_are_dropped(void **state)
{
    static const struct mb2_ram ram[] = {
        {0x1000, 0xfff, 1, 0}, {0x3800, 0x1000, 1, 0}, {0x5000, 0, 1, 0}, {0x8000, 0x1000, 1, 0}};
    (void)state;
    assert_accepted(read_map(ram, 4));
    assert_int_equal(info.nr_ram, 1);
    assert_int_equal(info.ram[0].start, 0x8000);
}

static void what_is_not_ram_is_left_out(void **state)
{
    static const struct mb2_ram ram[] = {
        {0, 0x1000, 2, 0}, {0x1000, 0x1000, 1, 0}, {0x2000, 0x1000, 3, 0}, {0x3000, 0x1000, 5, 0}};
    (void)state;
    assert_accepted(read_map(ram, 4));
    assert_int_equal(info.nr_ram, 1);
    assert_int_equal(info.ram[0].start, 0x1000);
}

static void overlapping_pieces_are_refused(void **state)
{
    static const struct mb2_ram ram[] = {{0x1000, 0x3000, 1, 0}, {0x3000, 0x3000, 1, 0}};
    static const struct mb2_ram reverse[] = {{0x3000, 0x3000, 1, 0}, {0x1000, 0x3000, 1, 0}};
    static const struct mb2_ram same[] = {{0x3000, 0x3000, 1, 0}, {0x3000, 0x3000, 1, 0}};
    (void)state;
    assert_refused(read_map(ram, 2), "overlapping");
    assert_refused(read_map(reverse, 2), "overlapping");
    assert_refused(read_map(same, 2), "overlapping");
}

static void piece_within_another_is_refused(void **state)
{
    static const struct mb2_ram ram[] = {{0x1000, 0x9000, 1, 0}, {0x3000, 0x1000, 1, 0}};
    (void)state;
    assert_refused(read_map(ram, 2), "overlapping");
}

static void touching_pieces_are_accepted(void **state)
{
    static const struct mb2_ram ram[] = {{0x1000, 0x2000, 1, 0}, {0x3000, 0x2000, 1, 0}};
    (void)state;
    assert_accepted(read_map(ram, 2));
}

static void ram_above_4_gib_keeps_its_address(void **state)
{
    static const struct mb2_ram ram[] = {{0x100000000, 0x8000000000, 1, 0}};
    (void)state;
    assert_accepted(read_map(ram, 1));
    assert_int_equal(info.ram[0].start, 0x100000000);
    assert_int_equal(info.ram[0].end, 0x8100000000);
}

static void too_many_pieces_are_refused(void **state)
{
    struct mb2_ram ram[BOOT_MAX_RAM + 1];
    (void)state;
    for (u32 i = 0; i <= BOOT_MAX_RAM; i++)
        ram[i] = (struct mb2_ram){(u64)i * 0x2000, 0x1000, 1, 0};
    assert_accepted(read_map(ram, BOOT_MAX_RAM));
    assert_refused(read_map(ram, BOOT_MAX_RAM + 1), "too many pieces");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_teardown(pieces_are_sorted, end),
    cmocka_unit_test_teardown(pieces_are_rounded_inwards, end),
    cmocka_unit_test_teardown(pieces_without_a_whole_page_are_dropped, end),
    cmocka_unit_test_teardown(what_is_not_ram_is_left_out, end),
    cmocka_unit_test_teardown(overlapping_pieces_are_refused, end),
    cmocka_unit_test_teardown(piece_within_another_is_refused, end),
    cmocka_unit_test_teardown(touching_pieces_are_accepted, end),
    cmocka_unit_test_teardown(ram_above_4_gib_keeps_its_address, end),
    cmocka_unit_test_teardown(too_many_pieces_are_refused, end),
};

UNIT_MAIN(tests)
