// SPDX-License-Identifier: MIT
/* Xen's own start info, of version 1 and of version 0, which has no memory map. */
#include "unit.h"
#include "pvh.h"

#include <xen/xen.h>

#include <xen/arch-x86/hvm/start_info.h>

#define AT 0x40 /* where the structure lies in its memory */

static struct {
    u8 unused[AT];
    struct hvm_start_info si;
    struct hvm_modlist_entry mod[4];
    struct hvm_memmap_table_entry map[3];
    char shim_words[16], guest_words[16];
} mem;
static struct boot_info info;

#define PADDR(field) offsetof(__typeof__(mem), field)

static int start(void **state)
{
    (void)state;
    memset(&mem, 0, sizeof(mem));
    mem.si = (struct hvm_start_info){.magic = XEN_HVM_START_MAGIC_VALUE,
                                     .version = 1,
                                     .nr_modules = 2,
                                     .modlist_paddr = PADDR(mod),
                                     .cmdline_paddr = PADDR(shim_words),
                                     .memmap_paddr = PADDR(map),
                                     .memmap_entries = 3};
    mem.mod[0] = (struct hvm_modlist_entry){0x400000, 0x1234, PADDR(guest_words), 0};
    mem.mod[1] = (struct hvm_modlist_entry){0x800000, 0x5678, 0, 0};
    mem.map[0] = (struct hvm_memmap_table_entry){0, 0x10000000, XEN_HVM_MEMMAP_TYPE_RAM, 0};
    mem.map[1] =
        (struct hvm_memmap_table_entry){0xfc000000, 0x1000, XEN_HVM_MEMMAP_TYPE_RESERVED, 0};
    mem.map[2] =
        (struct hvm_memmap_table_entry){0x100000000, 0x10000000, XEN_HVM_MEMMAP_TYPE_RAM, 0};
    strcpy(mem.shim_words, "stats");
    strcpy(mem.guest_words, "root=/dev/xvda");
    return 0;
}

static s64 not_asked(struct e820_entry *map, u32 n)
{
    (void)map, (void)n;
    fail_msg("L0 was asked for a memory map");
    return 0;
}

static s64 two_pieces(struct e820_entry *map, u32 n)
{
    assert_true(n >= 2);
    map[0] = (struct e820_entry){0, 0x8000000, 1};
    map[1] = (struct e820_entry){0xff000000, 0x1000000, 2};
    return 2;
}

static s64 no_such_call(struct e820_entry *map, u32 n)
{
    (void)map, (void)n;
    return -38;
}

static const char *read_info(s64 (*memory_map)(struct e820_entry *map, u32 n))
{
    return pvh_read(&info, AT, (const u8 *)&mem, memory_map);
}

static void all_is_found(void **state)
{
    (void)state;
    assert_accepted(read_info(not_asked));
    assert_string_equal(info.cmdline, "stats");
    assert_int_equal(info.nr_modules, 2);
    assert_int_equal(info.module[0].start, 0x400000);
    assert_int_equal(info.module[0].end, 0x401234);
    assert_string_equal(info.module[0].string, "root=/dev/xvda");
    assert_int_equal(info.module[1].end, 0x805678);
    assert_string_equal(info.module[1].string, "");
    assert_int_equal(info.nr_ram, 2);
    assert_int_equal(info.ram[1].start, 0x100000000);
    assert_int_equal(info.ram[1].end, 0x110000000);
}

static void version_0_has_no_map(void **state)
{
    (void)state;
    mem.si.version = 0; /* what lies behind isn't part of it */
    assert_accepted(read_info(two_pieces));
    assert_int_equal(info.nr_ram, 1);
    assert_int_equal(info.ram[0].end, 0x8000000);
    assert_int_equal(info.nr_modules, 2);
}

static void version_1_may_have_none_either(void **state)
{
    (void)state;
    mem.si.memmap_entries = 0;
    assert_accepted(read_info(two_pieces));
    assert_int_equal(info.nr_ram, 1);
}

static void no_command_line_is_an_empty_one(void **state)
{
    (void)state;
    mem.si.cmdline_paddr = 0;
    assert_accepted(read_info(not_asked));
    assert_string_equal(info.cmdline, "");
}

static void no_map_at_all_is_refused(void **state)
{
    (void)state;
    mem.si.version = 0;
    assert_refused(read_info(no_such_call), "no memory map");
}

static void damage_is_refused(void **state)
{
    (void)state;
    mem.si.magic = 0;
    assert_refused(read_info(not_asked), "damaged");
}

static void too_many_modules_are_refused(void **state)
{
    (void)state;
    mem.si.nr_modules = 4;
    assert_refused(read_info(not_asked), "more modules");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(all_is_found, start),
    cmocka_unit_test_setup(version_0_has_no_map, start),
    cmocka_unit_test_setup(version_1_may_have_none_either, start),
    cmocka_unit_test_setup(no_command_line_is_an_empty_one, start),
    cmocka_unit_test_setup(no_map_at_all_is_refused, start),
    cmocka_unit_test_setup(damage_is_refused, start),
    cmocka_unit_test_setup(too_many_modules_are_refused, start),
};

UNIT_MAIN(tests)
