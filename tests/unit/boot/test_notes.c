// SPDX-License-Identifier: MIT
/* ELF notes: their form, and what each of Xen's means. */
#include "unit.h"

#include <xen/elfnote.h>

#include "elfnotes.h"

static struct {
    u8 bytes[512];
    u64 size;
} buf;
static struct xen_notes n;

static int reset(void **state)
{
    (void)state;
    memset(&buf, 0, sizeof(buf));
    memset(&n, 0, sizeof(n));
    return 0;
}

static void note(const char *name, u32 namesz, u32 type, const void *desc, u32 descsz)
{
    u32 head[3] = {namesz, descsz, type};

    memcpy(buf.bytes + buf.size, head, sizeof(head));
    buf.size += sizeof(head);
    memcpy(buf.bytes + buf.size, name, namesz);
    buf.size += (namesz + 3) & ~3u;
    memcpy(buf.bytes + buf.size, desc, descsz);
    buf.size += (descsz + 3) & ~3u;
}

static void xen_note(u32 type, const void *desc, u32 descsz)
{
    note("Xen", 4, type, desc, descsz);
}

/* From memory that ends where the notes do.  It stays: the strings are not copied. */
static u8 *read_notes(void)
{
    u8 *copy = test_malloc(buf.size ? buf.size : 1);

    memcpy(copy, buf.bytes, buf.size);
    assert_accepted(xen_notes_read(&n, copy, buf.size));
    return copy;
}

static void numbers_of_8_bytes(void **state)
{
    static const u64 v = 0x123456789abcdef0;
    (void)state;
    xen_note(XEN_ELFNOTE_ENTRY, &v, 8);
    test_free(read_notes());
    assert_true(n.found && n.has_entry);
    assert_int_equal(n.entry, v);
}

static void numbers_of_4_bytes(void **state)
{
    static const u32 v = 0x80000000;
    (void)state;
    xen_note(XEN_ELFNOTE_VIRT_BASE, &v, 4);
    test_free(read_notes());
    assert_int_equal(n.virt_base, 0x80000000);
}

static void number_of_no_bytes_is_0(void **state)
{
    (void)state;
    xen_note(XEN_ELFNOTE_INIT_P2M, "", 0);
    test_free(read_notes());
    assert_int_equal(n.init_p2m, 0);
}

static void each_number_goes_to_its_own_field(void **state)
{
    (void)state;
    xen_note(XEN_ELFNOTE_ENTRY, "\1\0\0", 4);
    xen_note(XEN_ELFNOTE_HYPERCALL_PAGE, "\2\0\0", 4);
    xen_note(XEN_ELFNOTE_VIRT_BASE, "\3\0\0", 4);
    xen_note(XEN_ELFNOTE_PADDR_OFFSET, "\4\0\0", 4);
    xen_note(XEN_ELFNOTE_INIT_P2M, "\5\0\0", 4);
    xen_note(XEN_ELFNOTE_MOD_START_PFN, "\1\0\0", 4);
    test_free(read_notes());
    assert_true(n.has_entry && n.has_hypercall_page && n.has_paddr_offset && n.has_init_p2m);
    assert_int_equal(n.entry, 1);
    assert_int_equal(n.hypercall_page, 2);
    assert_int_equal(n.virt_base, 3);
    assert_int_equal(n.paddr_offset, 4);
    assert_int_equal(n.init_p2m, 5);
    assert_true(n.mod_start_pfn);
}

static void mod_start_pfn_of_0_means_no(void **state)
{
    (void)state;
    xen_note(XEN_ELFNOTE_MOD_START_PFN, "\0\0\0", 4);
    test_free(read_notes());
    assert_false(n.mod_start_pfn);
}

static void strings_have_the_length_of_the_note(void **state)
{
    (void)state;
    xen_note(XEN_ELFNOTE_XEN_VERSION, "xen-3.0", 8);
    xen_note(XEN_ELFNOTE_LOADER, "generic", 7);
    u8 *p = read_notes();
    assert_int_equal(n.xen_version_len, 8);
    assert_int_equal(n.loader_len, 7);
    assert_memory_equal(n.loader, "generic", 7);
    test_free(p);
}

static void other_names_are_not_xens(void **state)
{
    static const u64 v = 1;
    (void)state;
    note("GNU", 4, XEN_ELFNOTE_ENTRY, &v, 8);
    note("Xe", 3, XEN_ELFNOTE_ENTRY, &v, 8);
    note("XenX", 4, XEN_ELFNOTE_ENTRY, &v, 8);
    test_free(read_notes());
    assert_false(n.found || n.has_entry);
}

static void name_without_end_is_not_xens(void **state)
{
    static const u64 v = 1;
    (void)state;
    note("Xenon\0\0", 8, XEN_ELFNOTE_ENTRY, &v, 8);
    test_free(read_notes());
    assert_false(n.found);
}

static void notes_behind_others_are_found(void **state)
{
    (void)state;
    note("GNU", 4, 3, "abcdefghijklmnopqrs", 19); /* padded */
    note("Linux\0", 6, 257, "", 0);
    xen_note(XEN_ELFNOTE_ENTRY, "\7\0\0", 4);
    test_free(read_notes());
    assert_int_equal(n.entry, 7);
}

static void unknown_types_are_passed_over(void **state)
{
    (void)state;
    xen_note(99, "abc", 4);
    xen_note(XEN_ELFNOTE_ENTRY, "\7\0\0", 4);
    test_free(read_notes());
    assert_int_equal(n.entry, 7);
}

static void note_past_the_segments_end_is_left_out(void **state)
{
    (void)state;
    xen_note(XEN_ELFNOTE_ENTRY, "\7\0\0", 4);
    xen_note(XEN_ELFNOTE_VIRT_BASE, "\1\2\3\4\5\6\7", 8);
    buf.size -= 4;
    test_free(read_notes());
    assert_true(n.has_entry);
    assert_int_equal(n.virt_base, 0);
}

static void last_note_needs_no_padding(void **state)
{
    (void)state;
    xen_note(XEN_ELFNOTE_LOADER, "generic", 7);
    buf.size -= 1;
    u8 *p = read_notes();
    assert_int_equal(n.loader_len, 7);
    test_free(p);
}

static void sizes_of_4_gib_end_the_search(void **state)
{
    (void)state;
    for (unsigned int field = 0; field < 2; field++) {
        reset(NULL);
        xen_note(XEN_ELFNOTE_ENTRY, "\7\0\0", 4);
        memset(buf.bytes + field * 4, 0xff, 4);
        test_free(read_notes());
        assert_false(n.found);
    }
}

static void every_cut_is_survived(void **state)
{
    (void)state;
    xen_note(XEN_ELFNOTE_ENTRY, "\7\0\0", 4);
    note("GNU", 4, 3, "abcdefg", 7);
    xen_note(XEN_ELFNOTE_FEATURES, "!a|b", 4);
    for (; buf.size; buf.size--)
        test_free(read_notes());
}

static void later_note_of_a_type_wins(void **state)
{
    (void)state;
    xen_note(XEN_ELFNOTE_ENTRY, "\7\0\0", 4);
    xen_note(XEN_ELFNOTE_ENTRY, "\10\0\0", 4);
    test_free(read_notes());
    assert_int_equal(n.entry, 8);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(numbers_of_8_bytes, reset),
    cmocka_unit_test_setup(numbers_of_4_bytes, reset),
    cmocka_unit_test_setup(number_of_no_bytes_is_0, reset),
    cmocka_unit_test_setup(each_number_goes_to_its_own_field, reset),
    cmocka_unit_test_setup(mod_start_pfn_of_0_means_no, reset),
    cmocka_unit_test_setup(strings_have_the_length_of_the_note, reset),
    cmocka_unit_test_setup(other_names_are_not_xens, reset),
    cmocka_unit_test_setup(name_without_end_is_not_xens, reset),
    cmocka_unit_test_setup(notes_behind_others_are_found, reset),
    cmocka_unit_test_setup(unknown_types_are_passed_over, reset),
    cmocka_unit_test_setup(note_past_the_segments_end_is_left_out, reset),
    cmocka_unit_test_setup(last_note_needs_no_padding, reset),
    cmocka_unit_test_setup(sizes_of_4_gib_end_the_search, reset),
    cmocka_unit_test_setup(every_cut_is_survived, reset),
    cmocka_unit_test_setup(later_note_of_a_type_wins, reset),
};

UNIT_MAIN(tests)
