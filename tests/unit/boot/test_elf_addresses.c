// SPDX-License-Identifier: MIT
/* The kernel's file: what its addresses mean and which of them can't be right. */
#include "kernel.h"

static struct kernel k;
static struct guest_image g;

/* Good but for the notes: the caller adds to those that all have. */
static void start(void)
{
    kernel_init(&k);
    kernel_note_text(&k, XEN_ELFNOTE_GUEST_OS, "linux");
    kernel_note_text(&k, XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
    kernel_note_num(&k, XEN_ELFNOTE_VIRT_BASE, VIRT_BASE);
}

static const char *parse(void)
{
    kernel_note_segment(&k);
    return kernel_parse(&k, &g);
}

static void kernel_lies_at_base_plus_physical(void **state)
{
    (void)state;
    kernel_good(&k);
    assert_accepted(kernel_parse(&k, &g));
    assert_int_equal(g.virt_base, VIRT_BASE);
    assert_int_equal(g.virt_kstart, VIRT_BASE + LOAD_AT);
    assert_int_equal(g.virt_kend, VIRT_BASE + LOAD_AT + TEXT_SIZE);
    assert_int_equal(guest_paddr(&g, LOAD_AT), LOAD_AT);
}

static void entry_is_the_notes(void **state)
{
    (void)state;
    kernel_good(&k);
    k.h.e_entry = 0;
    assert_accepted(kernel_parse(&k, &g));
    assert_int_equal(g.entry, VIRT_BASE + LOAD_AT + 0x100);
}

static void entry_without_a_note_is_the_headers(void **state)
{
    (void)state;
    start();
    k.h.e_entry = VIRT_BASE + LOAD_AT + 0x200;
    assert_accepted(parse());
    assert_int_equal(g.entry, VIRT_BASE + LOAD_AT + 0x200);
}

static void entry_below_the_kernel_is_refused(void **state)
{
    (void)state;
    start();
    kernel_note_num(&k, XEN_ELFNOTE_ENTRY, VIRT_BASE + LOAD_AT - 1);
    assert_refused(parse(), "entry point lies outside");
}

static void entry_above_the_kernel_is_refused(void **state)
{
    (void)state;
    start();
    kernel_note_num(&k, XEN_ELFNOTE_ENTRY, VIRT_BASE + LOAD_AT + TEXT_SIZE + 1);
    assert_refused(parse(), "entry point lies outside");
}

static void paddr_offset_is_subtracted(void **state)
{
    (void)state;
    start();
    kernel_note_num(&k, XEN_ELFNOTE_PADDR_OFFSET, VIRT_BASE);
    kernel_note_num(&k, XEN_ELFNOTE_ENTRY, VIRT_BASE + 0x2000);
    k.ph[0].p_paddr = VIRT_BASE + 0x1000;
    assert_accepted(parse());
    assert_int_equal(g.virt_kstart, VIRT_BASE + 0x1000);
    assert_int_equal(guest_paddr(&g, g.seg[0].paddr), 0x1000);
}

static void p_vaddr_of_0_does_not_matter(void **state)
{
    (void)state;
    kernel_good(&k);
    k.ph[2] = k.ph[0];
    k.ph[2].p_vaddr = 0;
    k.ph[2].p_paddr = LOAD_AT + TEXT_SIZE;
    k.h.e_phnum = 3;
    assert_accepted(kernel_parse(&k, &g));
    assert_int_equal(g.nr_segs, 2);
    assert_int_equal(g.virt_kstart, VIRT_BASE + LOAD_AT);
    assert_int_equal(g.virt_kend, VIRT_BASE + LOAD_AT + 2 * TEXT_SIZE);
}

static void bss_belongs_to_the_kernel(void **state)
{
    (void)state;
    kernel_good(&k);
    k.ph[0].p_memsz = 0x123456;
    assert_accepted(kernel_parse(&k, &g));
    assert_int_equal(g.virt_kend, VIRT_BASE + LOAD_AT + 0x123456);
}

static void hypercall_page_in_the_bss_is_accepted(void **state)
{
    (void)state;
    start();
    k.ph[0].p_memsz = TEXT_SIZE + 1; /* all of its last page is the kernel's */
    kernel_note_num(&k, XEN_ELFNOTE_ENTRY, VIRT_BASE + LOAD_AT);
    kernel_note_num(&k, XEN_ELFNOTE_HYPERCALL_PAGE, VIRT_BASE + LOAD_AT + TEXT_SIZE);
    assert_accepted(parse());
    assert_true(g.has_hypercall_page);
    assert_int_equal(g.hypercall_page, VIRT_BASE + LOAD_AT + TEXT_SIZE);
}

static void hypercall_page_outside_is_refused(void **state)
{
    (void)state;
    start();
    kernel_note_num(&k, XEN_ELFNOTE_ENTRY, VIRT_BASE + LOAD_AT);
    kernel_note_num(&k, XEN_ELFNOTE_HYPERCALL_PAGE, VIRT_BASE + LOAD_AT + TEXT_SIZE);
    assert_refused(parse(), "hypercall page lies outside");
}

static void hypercall_page_at_the_end_of_addresses_is_refused(void **state)
{
    (void)state;
    start();
    kernel_note_num(&k, XEN_ELFNOTE_ENTRY, VIRT_BASE + LOAD_AT);
    kernel_note_num(&k, XEN_ELFNOTE_HYPERCALL_PAGE, 0xfffffffffffff000UL);
    assert_refused(parse(), "hypercall page lies outside");
}

static void no_hypercall_page_is_accepted(void **state)
{
    (void)state;
    start();
    kernel_note_num(&k, XEN_ELFNOTE_ENTRY, VIRT_BASE + LOAD_AT);
    assert_accepted(parse());
    assert_false(g.has_hypercall_page);
}

static void kernel_below_its_base_is_refused(void **state)
{
    (void)state;
    start();
    kernel_note_num(&k, XEN_ELFNOTE_PADDR_OFFSET, LOAD_AT + 0x1000);
    assert_refused(parse(), "VIRT_BASE");
}

static void kernel_absurdly_high_is_refused(void **state)
{
    (void)state;
    start();
    kernel_note_num(&k, XEN_ELFNOTE_VIRT_BASE, 0x100000);
    kernel_note_num(&k, XEN_ELFNOTE_ENTRY, 0x4000000000 + 0x100000);
    k.ph[0].p_paddr = 0x4000000000;
    assert_refused(parse(), "absurdly high");
}

static void init_p2m_below_the_kernel_is_honoured(void **state)
{
    (void)state;
    start();
    kernel_note_num(&k, XEN_ELFNOTE_ENTRY, VIRT_BASE + LOAD_AT);
    kernel_note_num(&k, XEN_ELFNOTE_INIT_P2M, 0x8000000000UL);
    assert_accepted(parse());
    assert_true(g.has_init_p2m);
    assert_int_equal(g.init_p2m, 0x8000000000UL);
}

static void init_p2m_above_the_base_is_ignored(void **state)
{
    (void)state;
    start();
    kernel_note_num(&k, XEN_ELFNOTE_ENTRY, VIRT_BASE + LOAD_AT);
    kernel_note_num(&k, XEN_ELFNOTE_INIT_P2M, VIRT_BASE);
    assert_accepted(parse());
    assert_false(g.has_init_p2m);
}

static void init_p2m_within_a_page_is_ignored(void **state)
{
    (void)state;
    start();
    kernel_note_num(&k, XEN_ELFNOTE_ENTRY, VIRT_BASE + LOAD_AT);
    kernel_note_num(&k, XEN_ELFNOTE_INIT_P2M, 0x8000000800UL);
    assert_accepted(parse());
    assert_false(g.has_init_p2m);
}

static void mod_start_pfn_is_taken_from_its_note(void **state)
{
    (void)state;
    start();
    kernel_note_num(&k, XEN_ELFNOTE_ENTRY, VIRT_BASE + LOAD_AT);
    assert_accepted(parse());
    assert_false(g.mod_start_pfn);
    kernel_note(&k, XEN_ELFNOTE_MOD_START_PFN, "\1\0\0\0", 4);
    assert_accepted(parse());
    assert_true(g.mod_start_pfn);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(kernel_lies_at_base_plus_physical),
    cmocka_unit_test(entry_is_the_notes),
    cmocka_unit_test(entry_without_a_note_is_the_headers),
    cmocka_unit_test(entry_below_the_kernel_is_refused),
    cmocka_unit_test(entry_above_the_kernel_is_refused),
    cmocka_unit_test(paddr_offset_is_subtracted),
    cmocka_unit_test(p_vaddr_of_0_does_not_matter),
    cmocka_unit_test(bss_belongs_to_the_kernel),
    cmocka_unit_test(hypercall_page_in_the_bss_is_accepted),
    cmocka_unit_test(hypercall_page_outside_is_refused),
    cmocka_unit_test(hypercall_page_at_the_end_of_addresses_is_refused),
    cmocka_unit_test(no_hypercall_page_is_accepted),
    cmocka_unit_test(kernel_below_its_base_is_refused),
    cmocka_unit_test(kernel_absurdly_high_is_refused),
    cmocka_unit_test(init_p2m_below_the_kernel_is_honoured),
    cmocka_unit_test(init_p2m_above_the_base_is_ignored),
    cmocka_unit_test(init_p2m_within_a_page_is_ignored),
    cmocka_unit_test(mod_start_pfn_is_taken_from_its_note),
};

UNIT_MAIN(tests)
