// SPDX-License-Identifier: MIT
/* The new guest's memory, of 32 bits: words of the list, tables, and where its address space ends.
 */
#include "unit.h"
#include "domain_layout.h"
#include "layout.h"

#define BASE 0xc0000000UL
#define MIB  (1UL << 20)

static struct domain_layout l;

static struct guest_image kernel(u64 base)
{
    return (struct guest_image){.virt_base = base,
                                .virt_kstart = base + MIB,
                                .virt_kend = base + MIB + 0x3800,
                                .bits32 = true};
}

static void list_has_words_of_4_bytes(void **state)
{
    struct guest_image g = kernel(BASE);
    (void)state;
    assert_accepted(domain_layout(&l, &g, 0, 0x8000));
    assert_int_equal(l.p2m_pages, 0x8000 / 1024);
    assert_accepted(domain_layout(&l, &g, 0, 0x8001));
    assert_int_equal(l.p2m_pages, 0x8000 / 1024 + 1);
}

static void tables_are_the_l3_an_l2_and_l1s(void **state)
{
    struct guest_image g = kernel(BASE);
    (void)state;
    assert_accepted(domain_layout(&l, &g, 0, 0x8000));
    assert_int_equal(l.virt_end, BASE + 4 * MIB);
    assert_int_equal(l.nr_l3, 0);
    assert_int_equal(l.nr_l2, 1);
    assert_int_equal(l.nr_l1, 2);
    assert_int_equal(l.nr_tables, 4);
    assert_int_equal(l.stack, l.tables + 4);
}

/* PV GRUB's base: the hypervisor's hole is in another GiB, for which there must be an L2. */
static void a_kernel_below_the_last_gib_has_an_l2_for_that(void **state)
{
    struct guest_image g = kernel(0);
    (void)state;
    assert_accepted(domain_layout(&l, &g, 0, 0x8000));
    assert_int_equal(l.nr_l2, 2);
    assert_int_equal(l.nr_tables, 1 + 2 + 2);
}

static void what_would_reach_into_the_hole_is_refused(void **state)
{
    struct guest_image g = kernel(BASE);
    (void)state;
    assert_refused(domain_layout(&l, &g, 0x36000000, 0x100000), "no room");
    assert_accepted(domain_layout(&l, &g, 0x34000000, 0x100000));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(list_has_words_of_4_bytes),
    cmocka_unit_test(tables_are_the_l3_an_l2_and_l1s),
    cmocka_unit_test(a_kernel_below_the_last_gib_has_an_l2_for_that),
    cmocka_unit_test(what_would_reach_into_the_hole_is_refused),
};

UNIT_MAIN(tests)
