// SPDX-License-Identifier: MIT
/* Where a kernel's notes are looked for, and in which order. */
#include "kernel.h"

#define NOTES_AT   0x800UL
#define NOTES_SIZE (k.notes_end - NOTES_AT)
#define STRING_AT  0x400UL

static struct kernel k;
static struct guest_image g;

static const char legacy[] =
    "GUEST_OS=linux,XEN_VER=xen-3.0,VIRT_BASE=0xffffffff80000000,"
    "ELF_PADDR_OFFSET=0,VIRT_ENTRY=0xffffffff81000300,HYPERCALL_PAGE=0x1002";

static void add_legacy(const char *s)
{
    memcpy(k.bytes + STRING_AT, s, strlen(s) + 1);
    kernel_section(&k, SHT_PROGBITS, "__xen_guest", STRING_AT, strlen(s) + 1);
}

static void none_anywhere_is_refused(void **state)
{
    (void)state;
    kernel_init(&k);
    assert_refused(kernel_parse(&k, &g), "CONFIG_XEN_PV");
}

static void notes_of_a_section_will_do(void **state)
{
    (void)state;
    kernel_init(&k);
    kernel_pv_notes(&k);
    kernel_section(&k, SHT_NOTE, ".notes", NOTES_AT, NOTES_SIZE);
    assert_accepted(kernel_parse(&k, &g));
    assert_int_equal(g.entry, VIRT_BASE + LOAD_AT + 0x100);
}

static void segment_goes_before_section(void **state)
{
    (void)state;
    kernel_good(&k);
    u64 at = k.notes_end;
    kernel_note_num(&k, XEN_ELFNOTE_ENTRY, VIRT_BASE + LOAD_AT + 0x200);
    kernel_section(&k, SHT_NOTE, ".notes", at, k.notes_end - at);
    assert_accepted(kernel_parse(&k, &g));
    assert_int_equal(g.entry, VIRT_BASE + LOAD_AT + 0x100);
}

static void segment_without_xens_notes_does_not_hide_the_section(void **state)
{
    (void)state;
    kernel_init(&k);
    kernel_pv_notes(&k);
    kernel_note_segment(&k);
    k.ph[1].p_filesz = 0;
    kernel_section(&k, SHT_NOTE, ".notes", NOTES_AT, NOTES_SIZE);
    assert_accepted(kernel_parse(&k, &g));
}

/* Some linkers leave the offset of a note segment 0. */
static void segment_at_offset_0_is_passed_over(void **state)
{
    (void)state;
    kernel_good(&k);
    k.ph[1].p_offset = 0;
    kernel_section(&k, SHT_NOTE, ".notes", NOTES_AT, NOTES_SIZE);
    assert_accepted(kernel_parse(&k, &g));
}

static void note_segment_longer_than_the_file_is_read_to_its_end(void **state)
{
    (void)state;
    kernel_good(&k);
    k.ph[1].p_filesz = 1UL << 40;
    assert_accepted(kernel_parse(&k, &g));
}

static void note_segment_behind_the_file_is_not_read(void **state)
{
    (void)state;
    kernel_good(&k);
    k.ph[1].p_offset = k.size + 0x1000;
    assert_refused(kernel_parse(&k, &g), "no Xen notes");
}

static void unterminated_features_end_with_their_note(void **state)
{
    (void)state;
    kernel_init(&k);
    kernel_pv_notes(&k);
    kernel_note_text(&k, XEN_ELFNOTE_FEATURES, "!writable_page_tables|dom0aa");
    kernel_note_segment(&k);
    k.bytes[k.notes_end] = '|'; /* would begin another word */
    memcpy(k.bytes + k.notes_end + 1, "!flying_pages", 13);
    assert_accepted(kernel_parse(&k, &g));
}

static void section_names_by_its_string_only(void **state)
{
    (void)state;
    kernel_init(&k);
    memcpy(k.bytes + STRING_AT, legacy, sizeof(legacy));
    kernel_section(&k, SHT_PROGBITS, "__xen_guest2", STRING_AT, sizeof(legacy));
    assert_refused(kernel_parse(&k, &g), "no Xen notes");
}

static void legacy_section_is_read(void **state)
{
    (void)state;
    kernel_init(&k);
    add_legacy(legacy);
    assert_accepted(kernel_parse(&k, &g));
    assert_int_equal(g.entry, VIRT_BASE + LOAD_AT + 0x300);
}

static void legacy_hypercall_page_is_a_frame_number(void **state)
{
    (void)state;
    kernel_init(&k);
    add_legacy(legacy);
    assert_accepted(kernel_parse(&k, &g));
    assert_true(g.has_hypercall_page);
    assert_int_equal(g.hypercall_page, VIRT_BASE + 0x1002000);
}

/* Physical addresses of old kernels are virtual ones. */
static void legacy_without_an_offset_has_the_base_for_it(void **state)
{
    (void)state;
    kernel_init(&k);
    k.ph[0].p_paddr = VIRT_BASE + LOAD_AT;
    add_legacy("LOADER=generic,XEN_VER=xen-3.0,VIRT_BASE=0xffffffff80000000,"
               "VIRT_ENTRY=0xffffffff81000000");
    assert_accepted(kernel_parse(&k, &g));
    assert_int_equal(g.paddr_offset, VIRT_BASE);
    assert_int_equal(g.virt_kstart, VIRT_BASE + LOAD_AT);
    assert_int_equal(guest_paddr(&g, g.seg[0].paddr), LOAD_AT);
}

static void notes_go_before_the_legacy_section(void **state)
{
    (void)state;
    kernel_good(&k);
    add_legacy(legacy);
    assert_accepted(kernel_parse(&k, &g));
    assert_int_equal(g.entry, VIRT_BASE + LOAD_AT + 0x100);
}

static void legacy_section_behind_the_file_is_refused(void **state)
{
    (void)state;
    kernel_init(&k);
    kernel_section(&k, SHT_PROGBITS, "__xen_guest", k.size - 8, 16);
    assert_refused(kernel_parse(&k, &g), "no Xen notes");
}

static void section_headers_behind_the_file_are_not_read(void **state)
{
    (void)state;
    kernel_init(&k);
    add_legacy(legacy);
    k.h.e_shoff = k.size - sizeof(Elf64_Shdr);
    k.h.e_shnum = 0xffff;
    assert_refused(kernel_parse(&k, &g), "no Xen notes");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(none_anywhere_is_refused),
    cmocka_unit_test(notes_of_a_section_will_do),
    cmocka_unit_test(segment_goes_before_section),
    cmocka_unit_test(segment_without_xens_notes_does_not_hide_the_section),
    cmocka_unit_test(segment_at_offset_0_is_passed_over),
    cmocka_unit_test(note_segment_longer_than_the_file_is_read_to_its_end),
    cmocka_unit_test(note_segment_behind_the_file_is_not_read),
    cmocka_unit_test(unterminated_features_end_with_their_note),
    cmocka_unit_test(section_names_by_its_string_only),
    cmocka_unit_test(legacy_section_is_read),
    cmocka_unit_test(legacy_hypercall_page_is_a_frame_number),
    cmocka_unit_test(legacy_without_an_offset_has_the_base_for_it),
    cmocka_unit_test(notes_go_before_the_legacy_section),
    cmocka_unit_test(legacy_section_behind_the_file_is_refused),
    cmocka_unit_test(section_headers_behind_the_file_are_not_read),
};

UNIT_MAIN(tests)
