// SPDX-License-Identifier: MIT
/* The memory map of a domain whose firmware the shim is: the toolstack's table for hvmloader. */
#include "unit.h"
#include "firmware.h"

#include <xen/hvm/hvm_info_table.h>

static u8 mem[HVM_INFO_PADDR + 0x800];
static struct hvm_info_table *const table = (void *)(mem + HVM_INFO_PADDR);
static struct e820_entry map[4];

static void sum_up(void)
{
    u8 sum = 0;

    table->checksum = 0;
    for (u32 i = 0; i < table->length; i++)
        sum = (u8)(sum + mem[HVM_INFO_PADDR + i]);
    table->checksum = (u8)-sum;
}

static int start(void **state)
{
    (void)state;
    memset(mem, 0xaa, sizeof(mem));
    memset(map, 0, sizeof(map));
    *table = (struct hvm_info_table){.signature = "HVM INFO",
                                     .length = sizeof(*table),
                                     .nr_vcpus = 2,
                                     .low_mem_pgend = 0x20000,
                                     .reserved_mem_pgstart = 0xfeff4};
    sum_up();
    return 0;
}

static void low_memory_but_for_the_video_hole(void **state)
{
    (void)state;
    assert_int_equal(firmware_map(map, 4, mem), 2);
    assert_int_equal(map[0].addr, 0);
    assert_int_equal(map[0].size, 0xa0000);
    assert_int_equal(map[1].addr, 0xc0000);
    assert_int_equal(map[1].addr + map[1].size, 0x20000000);
    assert_int_equal(map[0].type, 1);
    assert_int_equal(map[1].type, 1);
}

static void memory_above_4_gib(void **state)
{
    (void)state;
    table->high_mem_pgend = 0x140000;
    sum_up();
    assert_int_equal(firmware_map(map, 4, mem), 3);
    assert_int_equal(map[2].addr, 0x100000000);
    assert_int_equal(map[2].size, 0x40000000);
    assert_int_equal(map[2].type, 1);
}

static void the_table_of_xen_3_4(void **state)
{
    (void)state;
    table->length = offsetof(struct hvm_info_table, vcpu_online);
    sum_up();
    assert_int_equal(firmware_map(map, 4, mem), 2);
}

static void no_more_than_there_is_room_for(void **state)
{
    (void)state;
    assert_int_equal(firmware_map(map, 1, mem), 1);
    assert_int_equal(map[1].size, 0);
}

static void no_table_or_a_damaged_one(void **state)
{
    (void)state;
    table->checksum++;
    assert_int_equal(firmware_map(map, 4, mem), 0);
    start(NULL);
    table->signature[0] = 'h';
    sum_up();
    assert_int_equal(firmware_map(map, 4, mem), 0);
    start(NULL);
    table->length = 16;
    sum_up();
    assert_int_equal(firmware_map(map, 4, mem), 0);
    start(NULL);
    table->length = 0x10000000;
    assert_int_equal(firmware_map(map, 4, mem), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(low_memory_but_for_the_video_hole, start),
    cmocka_unit_test_setup(memory_above_4_gib, start),
    cmocka_unit_test_setup(the_table_of_xen_3_4, start),
    cmocka_unit_test_setup(no_more_than_there_is_room_for, start),
    cmocka_unit_test_setup(no_table_or_a_damaged_one, start),
};

UNIT_MAIN(tests)
