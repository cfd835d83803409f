// SPDX-License-Identifier: MIT
/* Multiboot information that can't be right: read to no effect, but never beyond its end. */
#include "mb2.h"

static const struct mb2_ram ram[] = {{0x100000, 0x7f00000, 1, 0}};
static struct mb2 m;
static struct boot_info info;
static u8 *copy;

static int start(void **state)
{
    (void)state;
    mb2_start(&m);
    mb2_mmap(&m, ram, 1);
    return 0;
}

static int end(void **state)
{
    (void)state;
    free(copy);
    copy = NULL;
    return 0;
}

static void set_size(u32 tag, u32 size)
{
    memcpy(m.bytes + tag + 4, &size, 4);
}

static void tag_smaller_than_its_head_is_damage(void **state)
{
    (void)state;
    for (u32 size = 0; size < 8; size++) {
        free(copy);
        mb2_start(&m);
        set_size(mb2_tag(&m, 99, "abcdefgh", 8), size);
        mb2_mmap(&m, ram, 1);
        assert_refused(mb2_read(&m, &info, &copy), "damaged");
    }
}

static void tag_longer_than_the_rest_ends_the_search(void **state)
{
    (void)state;
    set_size(mb2_tag(&m, 99, "abcdefgh", 8), 0x1000);
    (void)mb2_read(&m, &info, &copy);
    assert_int_equal(info.nr_ram, 1);
}

static void tag_of_4_gib_does_not_repeat_for_ever(void **state)
{
    (void)state;
    set_size(mb2_tag(&m, 99, "abcdefgh", 8), 0xfffffffc);
    (void)mb2_read(&m, &info, &copy);
}

static void memory_map_longer_than_the_rest_is_not_read_beyond(void **state)
{
    (void)state;
    mb2_start(&m);
    set_size(mb2_mmap(&m, ram, 1), 0x1000);
    (void)mb2_read(&m, &info, &copy);
}

static void memory_map_without_its_head_is_not_read_beyond(void **state)
{
    (void)state;
    mb2_tag(&m, 6, "", 0);
    (void)mb2_read(&m, &info, &copy);
}

static void memory_map_cut_in_an_entry_leaves_it_out(void **state)
{
    (void)state;
    static const struct mb2_ram two[] = {{0x100000, 0x100000, 1, 0}, {0x300000, 0x100000, 1, 0}};
    mb2_start(&m);
    set_size(mb2_mmap(&m, two, 2), 8 + 8 + 24 + 20);
    assert_accepted(mb2_read(&m, &info, &copy));
    assert_int_equal(info.nr_ram, 1);
}

static void module_without_its_words_is_not_read_beyond(void **state)
{
    (void)state;
    mb2_tag(&m, 3, "", 0);
    (void)mb2_read(&m, &info, &copy);
}

static void information_of_no_length_is_refused(void **state)
{
    (void)state;
    mb2_start(&m);
    assert_refused(mb2_read(&m, &info, &copy), "no memory map");
}

/* Multiboot 1: the information, then a map of `size` bytes with nothing behind it. */
static const char *read_mb1_map(const void *map, u32 size)
{
    u32 mb[13] = {[0] = 1 << 6, [11] = size, [12] = sizeof(mb)};

    copy = malloc(sizeof(mb) + size);
    memcpy(copy, mb, sizeof(mb));
    memcpy(copy + sizeof(mb), map, size);
    return multiboot_read(&info, MULTIBOOT1_MAGIC, 0, copy);
}

static void old_map_with_an_entry_of_4_gib_does_not_repeat_for_ever(void **state)
{
    static const u32 map[6] = {0xfffffffc, 0, 0, 0x1000, 0, 2};
    (void)state;
    assert_non_null(read_mb1_map(map, sizeof(map)));
}

static void old_map_cut_in_an_entry_is_not_read_beyond(void **state)
{
    static const u32 map[12] = {20, 0x100000, 0, 0x1000, 0, 1, 20, 0x200000, 0, 0x1000, 0, 1};
    (void)state;
    (void)read_mb1_map(map, 24 + 12);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(tag_smaller_than_its_head_is_damage, start, end),
    cmocka_unit_test_setup_teardown(tag_longer_than_the_rest_ends_the_search, start, end),
    cmocka_unit_test_setup_teardown(tag_of_4_gib_does_not_repeat_for_ever, start, end),
    cmocka_unit_test_setup_teardown(memory_map_longer_than_the_rest_is_not_read_beyond, start, end),
    cmocka_unit_test_setup_teardown(memory_map_without_its_head_is_not_read_beyond, start, end),
    cmocka_unit_test_setup_teardown(memory_map_cut_in_an_entry_leaves_it_out, start, end),
    cmocka_unit_test_setup_teardown(module_without_its_words_is_not_read_beyond, start, end),
    cmocka_unit_test_setup_teardown(information_of_no_length_is_refused, start, end),
    cmocka_unit_test_setup_teardown(old_map_with_an_entry_of_4_gib_does_not_repeat_for_ever, start,
                                    end),
    cmocka_unit_test_setup_teardown(old_map_cut_in_an_entry_is_not_read_beyond, start, end),
};

UNIT_MAIN(tests)
