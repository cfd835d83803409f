// SPDX-License-Identifier: MIT
/* The small printf. */
#include "unit.h"

#include <limits.h>

/* lib/printf.c's snprintf under another name. */
int shim_snprintf(char *buf, size_t size, const char *fmt, ...);

static char out[64];

/* What it prints, and the length that it returns. */
#define assert_prints(text, ...)                                                                   \
    do {                                                                                           \
        memset(out, '#', sizeof(out));                                                             \
        int len_ = shim_snprintf(out, sizeof(out), __VA_ARGS__);                                   \
        assert_string_equal(out, text);                                                            \
        assert_int_equal(len_, strlen(text));                                                      \
    } while (0)

static void plain_text_as_it_is(void **state)
{
    (void)state;
    assert_prints("", "%s", "");
    assert_prints("shim: hello", "shim: hello");
    assert_prints("100% of it", "100%% of it");
}

static void decimal_with_and_without_sign(void **state)
{
    (void)state;
    assert_prints("0 1 -1", "%d %d %d", 0, 1, -1);
    assert_prints("2147483647 -2147483648", "%d %d", INT_MAX, INT_MIN);
    assert_prints("4294967295", "%u", UINT_MAX);
}

static void long_ones(void **state)
{
    (void)state;
    assert_prints("18446744073709551615", "%lu", ULONG_MAX);
    assert_prints("-9223372036854775808", "%ld", LONG_MIN);
    assert_prints("ffffffff80000000", "%lx", 0xffffffff80000000UL);
    assert_prints("7 8", "%zu %llu", (size_t)7, 8ULL);
}

static void short_ones_ignore_the_upper_half(void **state)
{
    (void)state;
    assert_prints("89abcdef", "%x", 0x0123456789abcdefUL);
}

static void hex_is_in_small_letters(void **state)
{
    (void)state;
    assert_prints("0 deadbeef", "%x %x", 0, 0xdeadbeef);
}

static void width_fills_with_spaces(void **state)
{
    (void)state;
    assert_prints("    7|   -7|12345", "%5d|%5d|%2d", 7, -7, 12345);
    assert_prints("   ff", "%5x", 0xff);
}

static void leading_0_fills_with_zeros(void **state)
{
    (void)state;
    assert_prints("00007 000000ff", "%05d %08x", 7, 0xff);
    assert_prints("0000000000001000", "%016lx", 0x1000UL);
}

static void sign_goes_before_the_zeros(void **state)
{
    (void)state;
    assert_prints("-0042", "%05d", -42);
}

static void strings_are_aligned(void **state)
{
    (void)state;
    assert_prints("[  abc] [abc  ] [abc]", "[%5s] [%-5s] [%2s]", "abc", "abc", "abc");
}

static void numbers_are_aligned_to_the_left_too(void **state)
{
    (void)state;
    assert_prints("[7    ] [ff  ]", "[%-5d] [%-4x]", 7, 0xff);
}

static void pointers_have_16_digits(void **state)
{
    (void)state;
    assert_prints("0000000000001000", "%p", (void *)0x1000);
}

static void single_characters(void **state)
{
    (void)state;
    assert_prints("<a>", "<%c>", 'a');
}

static void unknown_conversion_shows_itself(void **state)
{
    (void)state;
    assert_prints("%q 5", "%q %d", 5);
}

static void percent_at_the_end_shows_itself(void **state)
{
    (void)state;
    assert_prints("50%", "50%");
}

static void small_buffer_cuts_and_tells_the_length(void **state)
{
    (void)state;
    memset(out, '#', sizeof(out));
    assert_int_equal(shim_snprintf(out, 5, "%s", "abcdefgh"), 8);
    assert_string_equal(out, "abcd");
    assert_int_equal(out[5], '#');
}

static void exact_buffer_needs_one_byte_more(void **state)
{
    (void)state;
    assert_int_equal(shim_snprintf(out, 4, "abc"), 3);
    assert_string_equal(out, "abc");
    assert_int_equal(shim_snprintf(out, 3, "abc"), 3);
    assert_string_equal(out, "ab");
}

static void buffer_of_1_is_an_empty_string(void **state)
{
    (void)state;
    out[0] = '#';
    assert_int_equal(shim_snprintf(out, 1, "abc"), 3);
    assert_string_equal(out, "");
}

static void buffer_of_0_is_not_touched(void **state)
{
    (void)state;
    out[0] = '#';
    assert_int_equal(shim_snprintf(out, 0, "%d", 12345), 5);
    assert_int_equal(out[0], '#');
    assert_int_equal(shim_snprintf(NULL, 0, "%d", 12345), 5);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(plain_text_as_it_is),
    cmocka_unit_test(decimal_with_and_without_sign),
    cmocka_unit_test(long_ones),
    cmocka_unit_test(short_ones_ignore_the_upper_half),
    cmocka_unit_test(hex_is_in_small_letters),
    cmocka_unit_test(width_fills_with_spaces),
    cmocka_unit_test(leading_0_fills_with_zeros),
    cmocka_unit_test(sign_goes_before_the_zeros),
    cmocka_unit_test(strings_are_aligned),
    cmocka_unit_test(numbers_are_aligned_to_the_left_too),
    cmocka_unit_test(pointers_have_16_digits),
    cmocka_unit_test(single_characters),
    cmocka_unit_test(unknown_conversion_shows_itself),
    cmocka_unit_test(percent_at_the_end_shows_itself),
    cmocka_unit_test(small_buffer_cuts_and_tells_the_length),
    cmocka_unit_test(exact_buffer_needs_one_byte_more),
    cmocka_unit_test(buffer_of_1_is_an_empty_string),
    cmocka_unit_test(buffer_of_0_is_not_touched),
};

UNIT_MAIN(tests)
