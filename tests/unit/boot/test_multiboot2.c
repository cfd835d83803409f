// SPDX-License-Identifier: MIT
/* What a loader of Multiboot 2 hands over. */
#include "mb2.h"

static const struct mb2_ram ram[] = {{0, 0x9f000, 1, 0}, {0x100000, 0x7f00000, 1, 0}};
static struct mb2 m;
static struct boot_info info;
static u8 *copy;

static int start(void **state)
{
    (void)state;
    mb2_start(&m);
    memset(&info, 0xff, sizeof(info));
    return 0;
}

static int end(void **state)
{
    (void)state;
    free(copy);
    copy = NULL;
    return 0;
}

static void all_is_read(void **state)
{
    (void)state;
    mb2_tag(&m, 1, "debug mem=1G", 13);
    mb2_module(&m, 0x200000, 0x234567, "console=hvc0");
    mb2_module(&m, 0x300000, 0x300001, "");
    mb2_mmap(&m, ram, 2);
    mb2_tag(&m, 0, "", 0);
    assert_accepted(mb2_read(&m, &info, &copy));
    assert_string_equal(info.cmdline, "debug mem=1G");
    assert_int_equal(info.nr_ram, 2);
    assert_int_equal(info.ram[0].end, 0x9f000);
    assert_int_equal(info.ram[1].start, 0x100000);
    assert_int_equal(info.ram[1].end, 0x8000000);
    assert_int_equal(info.nr_modules, 2);
    assert_int_equal(info.module[0].start, 0x200000);
    assert_int_equal(info.module[0].end, 0x234567);
    assert_string_equal(info.module[0].string, "console=hvc0");
    assert_string_equal(info.module[1].string, "");
}

static void no_command_line_is_an_empty_one(void **state)
{
    (void)state;
    mb2_mmap(&m, ram, 2);
    mb2_tag(&m, 0, "", 0);
    assert_accepted(mb2_read(&m, &info, &copy));
    assert_string_equal(info.cmdline, "");
    assert_int_equal(info.nr_modules, 0);
}

static void order_of_tags_does_not_matter(void **state)
{
    (void)state;
    mb2_mmap(&m, ram, 2);
    mb2_module(&m, 0x200000, 0x234567, "one");
    mb2_tag(&m, 1, "debug", 6);
    mb2_tag(&m, 0, "", 0);
    assert_accepted(mb2_read(&m, &info, &copy));
    assert_string_equal(info.cmdline, "debug");
    assert_int_equal(info.nr_modules, 1);
}

static void unknown_tags_are_passed_over(void **state)
{
    (void)state;
    mb2_tag(&m, 99, "abcde", 5);
    mb2_mmap(&m, ram, 2);
    mb2_tag(&m, 4, "abcdefgh", 8);
    mb2_tag(&m, 0, "", 0);
    assert_accepted(mb2_read(&m, &info, &copy));
}

static void tags_behind_the_end_tag_are_not_read(void **state)
{
    (void)state;
    mb2_mmap(&m, ram, 2);
    mb2_tag(&m, 0, "", 0);
    mb2_tag(&m, 1, "debug", 6);
    assert_accepted(mb2_read(&m, &info, &copy));
    assert_string_equal(info.cmdline, "");
}

static void end_tag_may_be_missing(void **state)
{
    (void)state;
    mb2_mmap(&m, ram, 2);
    assert_accepted(mb2_read(&m, &info, &copy));
    assert_int_equal(info.nr_ram, 2);
}

static void no_memory_map_is_refused(void **state)
{
    (void)state;
    mb2_module(&m, 0x200000, 0x234567, "");
    mb2_tag(&m, 0, "", 0);
    assert_refused(mb2_read(&m, &info, &copy), "no memory map");
}

static void memory_map_without_ram_is_refused(void **state)
{
    static const struct mb2_ram other[] = {{0, 0x100000, 2, 0}, {0x100000, 0x100000, 3, 0}};
    (void)state;
    mb2_mmap(&m, other, 2);
    mb2_tag(&m, 0, "", 0);
    assert_refused(mb2_read(&m, &info, &copy), "no memory map");
}

static void memory_map_with_entries_of_no_size_is_refused(void **state)
{
    (void)state;
    u32 at = mb2_mmap(&m, ram, 2);
    mb2_tag(&m, 0, "", 0);
    m.bytes[at + 8] = 0;
    assert_refused(mb2_read(&m, &info, &copy), "no memory map");
}

static void unaligned_module_is_refused(void **state)
{
    (void)state;
    mb2_mmap(&m, ram, 2);
    mb2_module(&m, 0x200800, 0x234567, "");
    mb2_tag(&m, 0, "", 0);
    assert_refused(mb2_read(&m, &info, &copy), "did not align");
}

static void module_that_ends_before_it_starts_is_refused(void **state)
{
    (void)state;
    mb2_mmap(&m, ram, 2);
    mb2_module(&m, 0x200000, 0x1ff000, "");
    mb2_tag(&m, 0, "", 0);
    assert_refused(mb2_read(&m, &info, &copy), "ends before it starts");
}

static void too_many_modules_are_refused(void **state)
{
    (void)state;
    mb2_mmap(&m, ram, 2);
    for (u32 i = 0; i <= BOOT_MAX_MODULES; i++)
        mb2_module(&m, 0x200000 + i * 0x1000, 0x201000 + i * 0x1000, "");
    mb2_tag(&m, 0, "", 0);
    assert_refused(mb2_read(&m, &info, &copy), "more modules");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(all_is_read, start, end),
    cmocka_unit_test_setup_teardown(no_command_line_is_an_empty_one, start, end),
    cmocka_unit_test_setup_teardown(order_of_tags_does_not_matter, start, end),
    cmocka_unit_test_setup_teardown(unknown_tags_are_passed_over, start, end),
    cmocka_unit_test_setup_teardown(tags_behind_the_end_tag_are_not_read, start, end),
    cmocka_unit_test_setup_teardown(end_tag_may_be_missing, start, end),
    cmocka_unit_test_setup_teardown(no_memory_map_is_refused, start, end),
    cmocka_unit_test_setup_teardown(memory_map_without_ram_is_refused, start, end),
    cmocka_unit_test_setup_teardown(memory_map_with_entries_of_no_size_is_refused, start, end),
    cmocka_unit_test_setup_teardown(unaligned_module_is_refused, start, end),
    cmocka_unit_test_setup_teardown(module_that_ends_before_it_starts_is_refused, start, end),
    cmocka_unit_test_setup_teardown(too_many_modules_are_refused, start, end),
};

UNIT_MAIN(tests)
