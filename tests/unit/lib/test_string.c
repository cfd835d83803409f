// SPDX-License-Identifier: MIT
/* The shim's own memory and string functions, compared with the C library's. */
#include "unit.h"

/* lib/string.c's under other names. */
void *shim_memcpy(void *dst, const void *src, size_t n);
void *shim_memmove(void *dst, const void *src, size_t n);
void *shim_memset(void *dst, int c, size_t n);
int shim_memcmp(const void *a, const void *b, size_t n);
size_t shim_strlen(const char *s);
int shim_strncmp(const char *a, const char *b, size_t n);
size_t shim_strlcpy(char *dst, const char *src, size_t size);

bool string_is(const char *s, const char *want);

static uint8_t got[128], want[128];

static void fill(void)
{
    for (unsigned int i = 0; i < sizeof(got); i++)
        got[i] = want[i] = (uint8_t)(i * 7 + 3);
}

static void memcpy_of_every_length_and_offset(void **state)
{
    (void)state;
    for (size_t n = 0; n < 40; n++)
        for (size_t off = 0; off < 8; off++) {
            fill();
            assert_ptr_equal(shim_memcpy(got + 64 + off, got + 3, n), got + 64 + off);
            memcpy(want + 64 + off, want + 3, n);
            assert_memory_equal(got, want, sizeof(got));
        }
}

static void memmove_of_overlapping_ranges(void **state)
{
    (void)state;
    for (size_t n = 0; n < 40; n++)
        for (size_t dst = 0; dst < 64; dst++) {
            fill();
            assert_ptr_equal(shim_memmove(got + dst, got + 32, n), got + dst);
            memmove(want + dst, want + 32, n);
            assert_memory_equal(got, want, sizeof(got));
        }
}

static void memset_of_every_length(void **state)
{
    (void)state;
    for (size_t n = 0; n < 40; n++) {
        fill();
        assert_ptr_equal(shim_memset(got + 5, 0x1a5, n), got + 5);
        memset(want + 5, 0xa5, n);
        assert_memory_equal(got, want, sizeof(got));
    }
}

static void memcmp_compares_bytes_without_sign(void **state)
{
    (void)state;
    assert_int_equal(shim_memcmp("abc", "abd", 2), 0);
    assert_true(shim_memcmp("abc", "abd", 3) < 0);
    assert_true(shim_memcmp("\xff", "\1", 1) > 0);
    assert_int_equal(shim_memcmp("a\0b", "a\0c", 2), 0);
    assert_true(shim_memcmp("a\0b", "a\0c", 3) < 0);
}

static void strlen_counts_to_the_end(void **state)
{
    (void)state;
    assert_int_equal(shim_strlen(""), 0);
    assert_int_equal(shim_strlen("abc\0def"), 3);
}

static void strncmp_ends_at_the_end_or_the_limit(void **state)
{
    (void)state;
    assert_int_equal(shim_strncmp("abc", "abd", 2), 0);
    assert_true(shim_strncmp("abc", "abd", 3) < 0);
    assert_true(shim_strncmp("ab", "abc", 9) < 0);
    assert_int_equal(shim_strncmp("ab\0x", "ab\0y", 4), 0);
    assert_true(shim_strncmp("\xff", "a", 1) > 0);
    assert_int_equal(shim_strncmp("a", "b", 0), 0);
}

static void strlcpy_cuts_and_tells_the_length(void **state)
{
    char buf[8];
    (void)state;
    memset(buf, '#', sizeof(buf));
    assert_int_equal(shim_strlcpy(buf, "abcdef", 4), 6);
    assert_string_equal(buf, "abc");
    assert_int_equal(buf[4], '#');
    assert_int_equal(shim_strlcpy(buf, "abc", sizeof(buf)), 3);
    assert_string_equal(buf, "abc");
    assert_int_equal(shim_strlcpy(buf, "xyz", 0), 3);
    assert_string_equal(buf, "abc");
}

static void string_is_compares_to_both_ends(void **state)
{
    (void)state;
    assert_true(string_is("pic", "pic"));
    assert_true(string_is("", ""));
    assert_false(string_is("pi", "pic"));
    assert_false(string_is("pics", "pic"));
    assert_false(string_is("pit", "pic"));
    assert_false(string_is("", "pic"));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(memcpy_of_every_length_and_offset),
    cmocka_unit_test(memmove_of_overlapping_ranges),
    cmocka_unit_test(memset_of_every_length),
    cmocka_unit_test(memcmp_compares_bytes_without_sign),
    cmocka_unit_test(strlen_counts_to_the_end),
    cmocka_unit_test(strncmp_ends_at_the_end_or_the_limit),
    cmocka_unit_test(strlcpy_cuts_and_tells_the_length),
    cmocka_unit_test(string_is_compares_to_both_ends),
};

UNIT_MAIN(tests)
