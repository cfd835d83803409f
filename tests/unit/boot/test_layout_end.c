// SPDX-License-Identifier: MIT
/* The new guest's first mapping: where it ends, and the page tables that it takes. */
#include "unit.h"
#include "domain_layout.h"
#include "layout.h"

#define BASE 0xffffffff80000000UL
#define MIB  (1UL << 20)

static struct domain_layout l;

static struct guest_image kernel(u64 base, u64 bytes)
{
    return (struct guest_image){.virt_base = base, .virt_kstart = base, .virt_kend = base + bytes};
}

static pfn_t mapped_end(const struct guest_image *g)
{
    return (l.virt_end - g->virt_base) >> PAGE_SHIFT;
}

static void small_kernel_is_mapped_by_4_mib(void **state)
{
    struct guest_image g = kernel(BASE, PAGE_SIZE);
    (void)state;
    assert_accepted(domain_layout(&l, &g, 0, 0x4000));
    assert_int_equal(l.virt_end, BASE + 4 * MIB);
    assert_int_equal(l.nr_l1, 2);
    assert_int_equal(l.nr_l2, 1);
    assert_int_equal(l.nr_l3, 1);
    assert_int_equal(l.nr_tables, 5);
}

static void end_is_a_multiple_of_4_mib(void **state)
{
    (void)state;
    for (u64 bytes = PAGE_SIZE; bytes < 40 * MIB; bytes += 37 * PAGE_SIZE) {
        struct guest_image g = kernel(BASE, bytes);
        assert_accepted(domain_layout(&l, &g, 0, 0x8000));
        assert_int_equal(l.virt_end & (4 * MIB - 1), 0);
    }
}

static void base_within_4_mib_does_not_move_the_end(void **state)
{
    struct guest_image g = kernel(BASE + MIB, PAGE_SIZE);
    (void)state;
    assert_accepted(domain_layout(&l, &g, 0, 0x4000));
    assert_int_equal(l.virt_end, BASE + 4 * MIB);
    assert_int_equal(mapped_end(&g), 3 * MIB / PAGE_SIZE);
}

/* The rule at every size: 512 KiB behind the stack's page, and not 4 MiB more than that takes. */
static void slack_is_512_kib_and_the_end_the_first_that_has_it(void **state)
{
    (void)state;
    for (u64 bytes = PAGE_SIZE; bytes < 12 * MIB; bytes += PAGE_SIZE) {
        struct guest_image g = kernel(BASE, bytes);
        assert_accepted(domain_layout(&l, &g, 0, 0x4000));
        pfn_t need = l.stack + 1 + 128;
        assert_true(need <= mapped_end(&g));
        /* two tables fewer would map 4 MiB less */
        if (mapped_end(&g) > 1024)
            assert_true(need - 2 > mapped_end(&g) - 1024);
    }
}

static void slack_of_exactly_512_kib_will_do(void **state)
{
    /* 1024 pages: kernel, 1 of list (512 pages of guest would be too few: 8), 3, 5, 1, 128 */
    u64 pages = 1024 - 8 - 3 - 5 - 1 - 128;
    struct guest_image g = kernel(BASE, pages * PAGE_SIZE);
    (void)state;
    assert_accepted(domain_layout(&l, &g, 0, 8 * 512));
    assert_int_equal(l.virt_end, BASE + 4 * MIB);
    g = kernel(BASE, (pages + 1) * PAGE_SIZE);
    assert_accepted(domain_layout(&l, &g, 0, 8 * 512));
    assert_int_equal(l.virt_end, BASE + 8 * MIB);
}

static void tables_cover_the_mapping(void **state)
{
    (void)state;
    for (u64 mib = 1; mib < 1600; mib += 61) {
        struct guest_image g = kernel(BASE, mib * MIB);
        assert_accepted(domain_layout(&l, &g, 0, 0x80000));
        u64 bytes = l.virt_end - BASE;
        assert_int_equal(l.nr_l1, bytes / (2 * MIB));
        assert_int_equal(l.nr_l2, (bytes + 1024 * MIB - 1) / (1024 * MIB));
        assert_int_equal(l.nr_l3, 1);
        assert_int_equal(l.nr_tables, 1 + l.nr_l3 + l.nr_l2 + l.nr_l1);
    }
}

static void mapping_across_a_gib_has_two_l2s(void **state)
{
    struct guest_image g = kernel(0xffffffffc0000000UL - MIB, 2 * MIB);
    (void)state;
    assert_accepted(domain_layout(&l, &g, 0, 0x8000));
    assert_int_equal(l.nr_l2, 2);
    assert_int_equal(l.nr_l3, 1);
    assert_int_equal(l.nr_l1, 1 + 2);
}

static void mapping_across_an_l4_entry_has_two_l3s(void **state)
{
    struct guest_image g = kernel(0xffffff8000000000UL - MIB, 2 * MIB);
    (void)state;
    assert_accepted(domain_layout(&l, &g, 0, 0x8000));
    assert_int_equal(l.nr_l2, 2);
    assert_int_equal(l.nr_l3, 2);
}

static void tables_are_counted_from_the_base_not_from_the_kernel(void **state)
{
    struct guest_image g = kernel(BASE, 17 * MIB);
    (void)state;
    g.virt_kstart = BASE + 16 * MIB;
    assert_accepted(domain_layout(&l, &g, 0, 0x8000));
    assert_int_equal(l.virt_end, BASE + 20 * MIB);
    assert_int_equal(l.nr_l1, 10);
}

static void big_initrd_is_mapped_only_without_mod_start_pfn(void **state)
{
    struct guest_image g = kernel(BASE, MIB);
    (void)state;
    assert_accepted(domain_layout(&l, &g, 100 * MIB, 0x10000));
    assert_int_equal(l.virt_end, BASE + 104 * MIB);
    g.mod_start_pfn = true;
    assert_accepted(domain_layout(&l, &g, 100 * MIB, 0x10000));
    assert_int_equal(l.virt_end, BASE + 4 * MIB);
}

static void memory_for_just_what_is_used_will_do(void **state)
{
    struct guest_image g = kernel(BASE, PAGE_SIZE);
    (void)state;
    assert_accepted(domain_layout(&l, &g, 0, 1024));
    assert_int_equal(l.used, 1024);
}

static void a_page_too_little_is_refused(void **state)
{
    struct guest_image g = kernel(BASE, PAGE_SIZE);
    (void)state;
    assert_refused(domain_layout(&l, &g, 0, 1023), "too little memory");
}

static void initrd_without_room_is_refused(void **state)
{
    struct guest_image g = kernel(BASE, PAGE_SIZE);
    (void)state;
    g.mod_start_pfn = true;
    assert_accepted(domain_layout(&l, &g, 16 * PAGE_SIZE, 1024 + 16));
    assert_refused(domain_layout(&l, &g, 16 * PAGE_SIZE + 1, 1024 + 16), "too little memory");
}

/* 2 GiB lie between the base and the last address; a list of 1 TiB's frames is as long. */
static void list_that_the_addresses_have_no_room_for_is_refused(void **state)
{
    struct guest_image g = kernel(BASE, PAGE_SIZE);
    (void)state;
    assert_non_null(domain_layout(&l, &g, 0, 1UL << 28));
}

static void kernel_that_leaves_no_room_behind_it_is_refused(void **state)
{
    struct guest_image g = kernel(BASE, 2048 * MIB - PAGE_SIZE);
    (void)state;
    assert_non_null(domain_layout(&l, &g, 0, 0x100000));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(small_kernel_is_mapped_by_4_mib),
    cmocka_unit_test(end_is_a_multiple_of_4_mib),
    cmocka_unit_test(base_within_4_mib_does_not_move_the_end),
    cmocka_unit_test(slack_is_512_kib_and_the_end_the_first_that_has_it),
    cmocka_unit_test(slack_of_exactly_512_kib_will_do),
    cmocka_unit_test(tables_cover_the_mapping),
    cmocka_unit_test(mapping_across_a_gib_has_two_l2s),
    cmocka_unit_test(mapping_across_an_l4_entry_has_two_l3s),
    cmocka_unit_test(tables_are_counted_from_the_base_not_from_the_kernel),
    cmocka_unit_test(big_initrd_is_mapped_only_without_mod_start_pfn),
    cmocka_unit_test(memory_for_just_what_is_used_will_do),
    cmocka_unit_test(a_page_too_little_is_refused),
    cmocka_unit_test(initrd_without_room_is_refused),
    cmocka_unit_test(list_that_the_addresses_have_no_room_for_is_refused),
    cmocka_unit_test(kernel_that_leaves_no_room_behind_it_is_refused),
};

UNIT_MAIN(tests)
