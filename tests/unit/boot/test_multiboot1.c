// SPDX-License-Identifier: MIT
/* What a loader of Multiboot 1 hands over. */
#include "unit.h"
#include "multiboot.h"

enum { INFO = 0x40, MMAP = 0x100, MODS = 0x200, TEXT = 0x300 };

static struct {
    u8 bytes[0x400] __attribute__((aligned(16)));
    u32 mmap_end;
    u32 mods;
} m;
static struct boot_info info;

/* Words of the information: flags 0, cmdline 4, mods_count 5, mods_addr 6, mmap 11 and 12. */
static void word(unsigned int i, u32 v)
{
    memcpy(m.bytes + INFO + i * 4, &v, 4);
}

static void add_mmap(u64 start, u64 len, u32 type, u32 extra)
{
    u32 size = 20 + extra;

    memcpy(m.bytes + m.mmap_end, &size, 4);
    memcpy(m.bytes + m.mmap_end + 4, &start, 8);
    memcpy(m.bytes + m.mmap_end + 12, &len, 8);
    memcpy(m.bytes + m.mmap_end + 20, &type, 4);
    m.mmap_end += 4 + size;
    word(11, m.mmap_end - MMAP);
}

static void add_module(u32 start, u32 end, u32 string)
{
    u32 entry[4] = {start, end, string, 0};

    memcpy(m.bytes + MODS + 16 * m.mods++, entry, 16);
    word(5, m.mods);
}

static int start(void **state)
{
    (void)state;
    memset(&m, 0, sizeof(m));
    memset(&info, 0xff, sizeof(info));
    m.mmap_end = MMAP;
    word(0, 1 << 2 | 1 << 3 | 1 << 6);
    word(4, TEXT);
    word(6, MODS);
    word(12, MMAP);
    strcpy((char *)m.bytes + TEXT, "debug mem=1G");
    strcpy((char *)m.bytes + TEXT + 0x20, "console=hvc0");
    return 0;
}

static const char *read_info(void)
{
    return multiboot_read(&info, MULTIBOOT1_MAGIC, INFO, m.bytes);
}

static void all_is_read(void **state)
{
    (void)state;
    add_mmap(0, 0x9f000, 1, 0);
    add_mmap(0x100000, 0x7f00000, 1, 0);
    add_module(0x200000, 0x234567, TEXT + 0x20);
    add_module(0x300000, 0x300001, 0);
    assert_accepted(read_info());
    assert_string_equal(info.cmdline, "debug mem=1G");
    assert_int_equal(info.nr_ram, 2);
    assert_int_equal(info.ram[1].start, 0x100000);
    assert_int_equal(info.ram[1].end, 0x8000000);
    assert_int_equal(info.nr_modules, 2);
    assert_int_equal(info.module[0].start, 0x200000);
    assert_int_equal(info.module[0].end, 0x234567);
    assert_string_equal(info.module[0].string, "console=hvc0");
    assert_string_equal(info.module[1].string, "");
}

static void other_magic_is_no_multiboot(void **state)
{
    (void)state;
    add_mmap(0, 0x100000, 1, 0);
    assert_refused(multiboot_read(&info, MULTIBOOT1_MAGIC + 1, INFO, m.bytes), "not a Multiboot");
    assert_refused(multiboot_read(&info, 0, INFO, m.bytes), "not a Multiboot");
}

static void what_the_flags_do_not_promise_is_not_read(void **state)
{
    (void)state;
    add_mmap(0, 0x100000, 1, 0);
    add_module(0x200000, 0x234567, TEXT + 0x20);
    word(0, 1 << 6);
    assert_accepted(read_info());
    assert_string_equal(info.cmdline, "");
    assert_int_equal(info.nr_modules, 0);
}

static void no_memory_map_is_refused(void **state)
{
    (void)state;
    add_mmap(0, 0x100000, 1, 0);
    word(0, 1 << 2 | 1 << 3);
    assert_refused(read_info(), "no memory map");
}

static void empty_memory_map_is_refused(void **state)
{
    (void)state;
    assert_refused(read_info(), "no memory map");
}

static void memory_map_without_ram_is_refused(void **state)
{
    (void)state;
    add_mmap(0, 0x100000, 2, 0);
    assert_refused(read_info(), "no memory map");
}

static void longer_entries_are_stepped_over_whole(void **state)
{
    (void)state;
    add_mmap(0, 0x10000, 1, 4);
    add_mmap(0x100000, 0x100000, 1, 0);
    assert_accepted(read_info());
    assert_int_equal(info.nr_ram, 2);
    assert_int_equal(info.ram[1].start, 0x100000);
}

static void unaligned_module_is_refused(void **state)
{
    (void)state;
    add_mmap(0, 0x100000, 1, 0);
    add_module(0x200010, 0x234567, 0);
    assert_refused(read_info(), "did not align");
}

static void module_that_ends_before_it_starts_is_refused(void **state)
{
    (void)state;
    add_mmap(0, 0x100000, 1, 0);
    add_module(0x200000, 0x1fffff, 0);
    assert_refused(read_info(), "ends before it starts");
}

static void empty_module_is_accepted(void **state)
{
    (void)state;
    add_mmap(0, 0x100000, 1, 0);
    add_module(0x200000, 0x200000, 0);
    assert_accepted(read_info());
    assert_int_equal(info.nr_modules, 1);
}

static void too_many_modules_are_refused(void **state)
{
    (void)state;
    add_mmap(0, 0x100000, 1, 0);
    for (u32 i = 0; i < BOOT_MAX_MODULES; i++)
        add_module(0x200000 + i * 0x1000, 0x201000 + i * 0x1000, 0);
    assert_accepted(read_info());
    add_module(0x300000, 0x301000, 0);
    assert_refused(read_info(), "more modules");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(all_is_read, start),
    cmocka_unit_test_setup(other_magic_is_no_multiboot, start),
    cmocka_unit_test_setup(what_the_flags_do_not_promise_is_not_read, start),
    cmocka_unit_test_setup(no_memory_map_is_refused, start),
    cmocka_unit_test_setup(empty_memory_map_is_refused, start),
    cmocka_unit_test_setup(memory_map_without_ram_is_refused, start),
    cmocka_unit_test_setup(longer_entries_are_stepped_over_whole, start),
    cmocka_unit_test_setup(unaligned_module_is_refused, start),
    cmocka_unit_test_setup(module_that_ends_before_it_starts_is_refused, start),
    cmocka_unit_test_setup(empty_module_is_accepted, start),
    cmocka_unit_test_setup(too_many_modules_are_refused, start),
};

UNIT_MAIN(tests)
