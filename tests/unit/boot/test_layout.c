// SPDX-License-Identifier: MIT
/* The new guest's memory: what lies where, and in which order. */
#include "unit.h"
#include "domain_layout.h"
#include "layout.h"

#define BASE 0xffffffff80000000UL
#define MIB  (1UL << 20)

static struct domain_layout l;

/* 1 page at 16 MiB + 3 pages and a half. */
static struct guest_image kernel(void)
{
    return (struct guest_image){
        .virt_base = BASE, .virt_kstart = BASE + 16 * MIB, .virt_kend = BASE + 16 * MIB + 0x3800};
}

static void kernel_is_where_it_asked_to_be(void **state)
{
    struct guest_image g = kernel();
    (void)state;
    assert_accepted(domain_layout(&l, &g, 0, 0x8000));
    assert_int_equal(l.kernel, 0x1000);
    assert_int_equal(l.kernel_end, 0x1004);
    assert_int_equal(l.nr_pages, 0x8000);
}

/* Kernel, initrd, p2m list, start_info, xenstore, console, page tables, stack: without a gap. */
static void order_of_the_abi(void **state)
{
    struct guest_image g = kernel();
    (void)state;
    assert_accepted(domain_layout(&l, &g, 5 * PAGE_SIZE, 0x8000));
    assert_int_equal(l.initrd, l.kernel_end);
    assert_int_equal(l.initrd_pages, 5);
    assert_int_equal(l.p2m, l.initrd + 5);
    assert_int_equal(l.p2m_pages, 0x8000 / 512);
    assert_int_equal(l.start_info, l.p2m + l.p2m_pages);
    assert_int_equal(l.xenstore, l.start_info + 1);
    assert_int_equal(l.console, l.xenstore + 1);
    assert_int_equal(l.tables, l.console + 1);
    assert_int_equal(l.stack, l.tables + l.nr_tables);
}

static void no_initrd_takes_no_page(void **state)
{
    struct guest_image g = kernel();
    (void)state;
    assert_accepted(domain_layout(&l, &g, 0, 0x8000));
    assert_int_equal(l.initrd_pages, 0);
    assert_int_equal(l.p2m, l.kernel_end);
}

static void initrd_of_a_byte_takes_a_page(void **state)
{
    struct guest_image g = kernel();
    (void)state;
    assert_accepted(domain_layout(&l, &g, 1, 0x8000));
    assert_int_equal(l.initrd_pages, 1);
    assert_accepted(domain_layout(&l, &g, PAGE_SIZE, 0x8000));
    assert_int_equal(l.initrd_pages, 1);
    assert_accepted(domain_layout(&l, &g, PAGE_SIZE + 1, 0x8000));
    assert_int_equal(l.initrd_pages, 2);
}

static void list_has_room_for_the_last_pages(void **state)
{
    struct guest_image g = kernel();
    (void)state;
    assert_accepted(domain_layout(&l, &g, 0, 0x8001));
    assert_int_equal(l.p2m_pages, 0x8000 / 512 + 1);
    assert_accepted(domain_layout(&l, &g, 0, 0x81ff));
    assert_int_equal(l.p2m_pages, 0x8000 / 512 + 1);
}

static void start_info_follows_the_kernel_when_the_rest_is_elsewhere(void **state)
{
    struct guest_image g = kernel();
    (void)state;
    g.mod_start_pfn = g.has_init_p2m = true;
    g.init_p2m = 0x8000000000;
    assert_accepted(domain_layout(&l, &g, 5 * PAGE_SIZE, 0x8000));
    assert_int_equal(l.start_info, l.kernel_end);
}

static void mod_start_pfn_puts_the_initrd_behind_what_is_mapped(void **state)
{
    struct guest_image g = kernel();
    (void)state;
    g.mod_start_pfn = true;
    assert_accepted(domain_layout(&l, &g, 5 * PAGE_SIZE, 0x8000));
    assert_int_equal(l.p2m, l.kernel_end);
    assert_int_equal(l.initrd, (l.virt_end - BASE) >> PAGE_SHIFT);
    assert_int_equal(l.used, l.initrd + 5);
}

static void init_p2m_puts_the_list_behind_what_is_mapped(void **state)
{
    struct guest_image g = kernel();
    (void)state;
    g.has_init_p2m = true;
    g.init_p2m = 0x8000000000;
    assert_accepted(domain_layout(&l, &g, 5 * PAGE_SIZE, 0x8000));
    assert_int_equal(l.initrd, l.kernel_end);
    assert_int_equal(l.start_info, l.initrd + 5);
    assert_int_equal(l.p2m, (l.virt_end - BASE) >> PAGE_SHIFT);
    assert_int_equal(l.p2m_tables, l.p2m + l.p2m_pages);
    assert_int_equal(l.used, l.p2m_tables + l.p2m_table_pages);
}

static void initrd_goes_before_the_list(void **state)
{
    struct guest_image g = kernel();
    (void)state;
    g.mod_start_pfn = g.has_init_p2m = true;
    g.init_p2m = 0x8000000000;
    assert_accepted(domain_layout(&l, &g, 5 * PAGE_SIZE, 0x8000));
    assert_int_equal(l.initrd, (l.virt_end - BASE) >> PAGE_SHIFT);
    assert_int_equal(l.p2m, l.initrd + 5);
}

static void list_of_64_pages_has_3_tables(void **state)
{
    struct guest_image g = kernel();
    (void)state;
    g.has_init_p2m = true;
    g.init_p2m = 0x8000000000;
    assert_accepted(domain_layout(&l, &g, 0, 0x8000));
    assert_int_equal(l.p2m_table_pages, 3);
}

/* 1 GiB of guest: 2 MiB of list, one L1 exactly; a page more of list, one L1 more. */
static void list_beyond_2_mib_has_another_table(void **state)
{
    struct guest_image g = kernel();
    (void)state;
    g.has_init_p2m = true;
    g.init_p2m = 0x8000000000;
    assert_accepted(domain_layout(&l, &g, 0, 0x40000));
    assert_int_equal(l.p2m_table_pages, 3);
    assert_accepted(domain_layout(&l, &g, 0, 0x40001));
    assert_int_equal(l.p2m_table_pages, 4);
}

static void list_that_straddles_has_tables_on_both_sides(void **state)
{
    struct guest_image g = kernel();
    (void)state;
    g.has_init_p2m = true;
    g.init_p2m = 0x8000000000 - PAGE_SIZE;
    assert_accepted(domain_layout(&l, &g, 0, 0x8000));
    assert_int_equal(l.p2m_table_pages, 6);
}

static void without_init_p2m_the_list_has_no_tables(void **state)
{
    struct guest_image g = kernel();
    (void)state;
    assert_accepted(domain_layout(&l, &g, 0, 0x8000));
    assert_int_equal(l.p2m_table_pages, 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(kernel_is_where_it_asked_to_be),
    cmocka_unit_test(order_of_the_abi),
    cmocka_unit_test(no_initrd_takes_no_page),
    cmocka_unit_test(initrd_of_a_byte_takes_a_page),
    cmocka_unit_test(list_has_room_for_the_last_pages),
    cmocka_unit_test(start_info_follows_the_kernel_when_the_rest_is_elsewhere),
    cmocka_unit_test(mod_start_pfn_puts_the_initrd_behind_what_is_mapped),
    cmocka_unit_test(init_p2m_puts_the_list_behind_what_is_mapped),
    cmocka_unit_test(initrd_goes_before_the_list),
    cmocka_unit_test(list_of_64_pages_has_3_tables),
    cmocka_unit_test(list_beyond_2_mib_has_another_table),
    cmocka_unit_test(list_that_straddles_has_tables_on_both_sides),
    cmocka_unit_test(without_init_p2m_the_list_has_no_tables),
};

UNIT_MAIN(tests)
