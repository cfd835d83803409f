// SPDX-License-Identifier: MIT
/* The string of the section __xen_guest, which old kernels have instead of notes. */
#include "unit.h"
#include "elfnotes.h"

static struct xen_notes n;
static char *copy;

/* From memory that ends with the string's last letter; the fields point into it. */
static void read_string(const char *s)
{
    u64 len = strlen(s);

    free(copy);
    copy = malloc(len ? len : 1);
    memcpy(copy, s, len);
    memset(&n, 0, sizeof(n));
    assert_accepted(xen_guest_section_read(&n, copy, len));
}

static int drop(void **state)
{
    (void)state;
    free(copy);
    copy = NULL;
    return 0;
}

static void all_keys_are_read(void **state)
{
    (void)state;
    read_string("GUEST_OS=linux,GUEST_VER=2.6,XEN_VER=xen-3.0,VIRT_BASE=0xffffffff80000000,"
                "ELF_PADDR_OFFSET=0xffffffff80000000,VIRT_ENTRY=0xffffffff80200000,"
                "HYPERCALL_PAGE=0x202,FEATURES=writable_page_tables|pae_pgdir_above_4gb,"
                "LOADER=generic");
    assert_true(n.found && n.legacy);
    assert_int_equal(n.virt_base, 0xffffffff80000000);
    assert_true(n.has_paddr_offset && n.has_entry && n.has_hypercall_page);
    assert_int_equal(n.paddr_offset, 0xffffffff80000000);
    assert_int_equal(n.entry, 0xffffffff80200000);
    assert_int_equal(n.hypercall_page, 0x202);
    assert_int_equal(n.guest_os_len, 5);
    assert_int_equal(n.xen_version_len, 7);
    assert_int_equal(n.loader_len, 7);
    assert_int_equal(n.features_len, 40);
    assert_accepted(xen_notes_check(&n, false));
}

static void what_is_not_said_is_not_there(void **state)
{
    (void)state;
    read_string("LOADER=generic,XEN_VER=xen-3.0");
    assert_false(n.has_entry || n.has_hypercall_page || n.has_paddr_offset || n.has_init_p2m);
    assert_accepted(xen_notes_check(&n, false));
}

static void empty_string_is_legacy_and_refused(void **state)
{
    (void)state;
    read_string("");
    assert_true(n.found && n.legacy);
    assert_refused(xen_notes_check(&n, false), "xen-3.0");
}

static void numbers_may_be_decimal(void **state)
{
    (void)state;
    read_string("VIRT_BASE=1048576,VIRT_ENTRY=0");
    assert_int_equal(n.virt_base, 0x100000);
    assert_true(n.has_entry);
    assert_int_equal(n.entry, 0);
}

static void hex_digits_of_both_cases(void **state)
{
    (void)state;
    read_string("VIRT_BASE=0XFFffAbCd");
    assert_int_equal(n.virt_base, 0xffffabcd);
}

static void number_ends_at_what_is_no_digit(void **state)
{
    (void)state;
    read_string("VIRT_BASE=0x12g4,VIRT_ENTRY=12a,ELF_PADDR_OFFSET=0x");
    assert_int_equal(n.virt_base, 0x12);
    assert_int_equal(n.entry, 12);
    assert_int_equal(n.paddr_offset, 0);
}

/* '@' and '`' come right before the letters. */
static void at_sign_is_no_digit(void **state)
{
    (void)state;
    read_string("VIRT_BASE=0x1@,VIRT_ENTRY=0x1`");
    assert_int_equal(n.virt_base, 1);
    assert_int_equal(n.entry, 1);
}

static void unknown_keys_are_passed_over(void **state)
{
    (void)state;
    read_string("PAE=yes,VIRT_BASE=0x1000,SOMETHING,VIRT_ENTRY=0x2000");
    assert_int_equal(n.virt_base, 0x1000);
    assert_int_equal(n.entry, 0x2000);
}

static void keys_are_compared_whole(void **state)
{
    (void)state;
    read_string("VIRT_BAS=0x1000,VIRT_BASES=0x2000,XVIRT_BASE=0x3000");
    assert_int_equal(n.virt_base, 0);
}

static void key_without_value_is_empty(void **state)
{
    (void)state;
    read_string("VIRT_BASE,XEN_VER=,LOADER=generic");
    assert_int_equal(n.virt_base, 0);
    assert_int_equal(n.xen_version_len, 0);
    assert_refused(xen_notes_check(&n, false), "xen-3.0");
}

static void stray_commas_and_equal_signs_end(void **state)
{
    (void)state;
    read_string(",,=,==,VIRT_BASE=0x1000,=");
    assert_int_equal(n.virt_base, 0x1000);
}

static void string_ends_at_a_null_byte(void **state)
{
    static const char s[] = "VIRT_BASE=0x1000\0,VIRT_BASE=0x2000";
    (void)state;
    assert_accepted(xen_guest_section_read(&n, s, sizeof(s)));
    assert_int_equal(n.virt_base, 0x1000);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_teardown(all_keys_are_read, drop),
    cmocka_unit_test_teardown(what_is_not_said_is_not_there, drop),
    cmocka_unit_test_teardown(empty_string_is_legacy_and_refused, drop),
    cmocka_unit_test_teardown(numbers_may_be_decimal, drop),
    cmocka_unit_test_teardown(hex_digits_of_both_cases, drop),
    cmocka_unit_test_teardown(number_ends_at_what_is_no_digit, drop),
    cmocka_unit_test_teardown(at_sign_is_no_digit, drop),
    cmocka_unit_test_teardown(unknown_keys_are_passed_over, drop),
    cmocka_unit_test_teardown(keys_are_compared_whole, drop),
    cmocka_unit_test_teardown(key_without_value_is_empty, drop),
    cmocka_unit_test_teardown(stray_commas_and_equal_signs_end, drop),
    cmocka_unit_test_teardown(string_ends_at_a_null_byte, drop),
};

UNIT_MAIN(tests)
