// SPDX-License-Identifier: MIT
/* The shim's own command line. */
#include "unit.h"
#include "cmdline.h"

static struct cmdline c;

static void nothing_said_is_nothing_set(void **state)
{
    (void)state;
    memset(&c, 0xff, sizeof(c));
    assert_null(cmdline_parse(&c, ""));
    assert_false(c.debug || c.stats);
    assert_int_equal(c.max_mem, 0);
    assert_int_equal(c.max_vcpus, 0);
    assert_string_equal(c.evtchn, "");
    assert_string_equal(c.runstate, "");
    assert_string_equal(c.clock, "");
    assert_string_equal(c.test, "");
}

static void all_words(void **state)
{
    (void)state;
    assert_null(cmdline_parse(
        &c, "debug stats mem=64M maxcpus=3 evtchn=percpu console=both l0=4.0.0 test=mute-upcall "
            "isolate=yes"));
    assert_string_equal(c.isolate, "yes");
    assert_string_equal(c.console, "both");
    assert_string_equal(c.l0, "4.0.0");
    assert_string_equal(c.test, "mute-upcall");
    assert_true(c.debug && c.stats);
    assert_int_equal(c.max_mem, 64 << 20);
    assert_int_equal(c.max_vcpus, 3);
    assert_string_equal(c.evtchn, "percpu");
}

static void words_of_time(void **state)
{
    (void)state;
    assert_null(cmdline_parse(&c, "runstate=poll clock=runstate test=drop-timer"));
    assert_string_equal(c.runstate, "poll");
    assert_string_equal(c.clock, "runstate");
    assert_string_equal(c.test, "drop-timer");
    assert_string_equal(c.evtchn, "");
}

static void two_level_events_go_with_any_rung(void **state)
{
    (void)state;
    assert_null(cmdline_parse(&c, "evtchn=2l evtchn=gsi"));
    assert_true(c.two_level);
    assert_string_equal(c.evtchn, "gsi");
    assert_null(cmdline_parse(&c, "evtchn=gsi"));
    assert_false(c.two_level);
}

static void value_too_long_for_its_place_is_unknown(void **state)
{
    (void)state;
    assert_string_equal(
        cmdline_parse(&c, "runstate=pollpoll clock=pvclockpvclk test=drop-timer-often"),
        "runstate=pollpoll");
    assert_string_equal(c.runstate, "");
    assert_string_equal(c.clock, "");
    assert_string_equal(c.test, "");
}

static void spaces_around_words_do_not_matter(void **state)
{
    (void)state;
    assert_null(cmdline_parse(&c, "   stats    debug  "));
    assert_true(c.debug && c.stats);
}

static void sizes_have_units(void **state)
{
    static const struct {
        const char *s;
        u64 bytes;
    } cases[] = {{"mem=4096", 4096},        {"mem=4K", 4096},    {"mem=4k", 4096},
                 {"mem=2M", 2 << 20},       {"mem=2m", 2 << 20}, {"mem=3G", 3UL << 30},
                 {"mem=100g", 100UL << 30}, {"mem=0", 0}};
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_null(cmdline_parse(&c, cases[i].s));
        assert_int_equal(c.max_mem, cases[i].bytes);
    }
}

static void unknown_word_is_returned(void **state)
{
    (void)state;
    assert_string_equal(cmdline_parse(&c, "debug bogus stats"), "bogus");
    assert_string_equal(cmdline_parse(&c, "debug b"), "b");
}

static void long_unknown_word_is_cut(void **state)
{
    char s[200];
    (void)state;
    memset(s, 'w', sizeof(s));
    memcpy(s + sizeof(s) - 7, " stats", 7);
    assert_memory_equal(cmdline_parse(&c, s), s, sizeof(c.unknown) - 1);
    assert_int_equal(strlen(c.unknown), sizeof(c.unknown) - 1);
    assert_true(c.stats);
}

/* Loaders other than GRUB 2 pass it. */
static void image_name_is_no_unknown_word_at_the_start(void **state)
{
    static const char *const known[] = {"xen-shim stats",         "xen-shim.gz stats",
                                        "/boot/xen-shim stats",   "(hd0,0)/boot/shim stats",
                                        "  /boot/xen-shim stats", "../shim.gz stats"};
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
        assert_null(cmdline_parse(&c, known[i]));
        assert_true(c.stats);
    }
    assert_string_equal(cmdline_parse(&c, "stats /boot/xen-shim"), "/boot/xen-shim");
    assert_string_equal(cmdline_parse(&c, "debug xen-shim"), "xen-shim");
    assert_string_equal(cmdline_parse(&c, "shim stats"), "shim");
    assert_string_equal(cmdline_parse(&c, "root=/dev/xvda"), "root=/dev/xvda");
    assert_string_equal(cmdline_parse(&c, "xen-shim bogus"), "bogus");
}

static void words_behind_an_unknown_one_count(void **state)
{
    (void)state;
    assert_non_null(cmdline_parse(&c, "bogus stats mem=1G"));
    assert_true(c.stats);
    assert_int_equal(c.max_mem, 1UL << 30);
}

static void first_of_many_unknown_words_is_returned(void **state)
{
    (void)state;
    assert_string_equal(cmdline_parse(&c, "one two three"), "one");
}

static void words_are_compared_whole(void **state)
{
    (void)state;
    assert_non_null(cmdline_parse(&c, "debu"));
    assert_non_null(cmdline_parse(&c, "debugger"));
    assert_non_null(cmdline_parse(&c, "debug=1"));
    assert_false(c.debug);
    assert_non_null(cmdline_parse(&c, "mem"));
    assert_non_null(cmdline_parse(&c, "memory=1G"));
    assert_int_equal(c.max_mem, 0);
}

static void size_without_number_is_unknown(void **state)
{
    (void)state;
    assert_non_null(cmdline_parse(&c, "mem="));
    assert_non_null(cmdline_parse(&c, "mem= 64M"));
    assert_int_equal(c.max_mem, 0);
}

static void size_of_another_unit_is_unknown(void **state)
{
    (void)state;
    assert_non_null(cmdline_parse(&c, "mem=64T"));
    assert_non_null(cmdline_parse(&c, "mem=-1"));
    assert_non_null(cmdline_parse(&c, "mem=0x1000"));
    assert_int_equal(c.max_mem, 0);
}

/* What is called unknown must not have an effect. */
static void size_with_more_behind_its_unit_sets_nothing(void **state)
{
    (void)state;
    assert_non_null(cmdline_parse(&c, "mem=64MB"));
    assert_int_equal(c.max_mem, 0);
}

static void vcpus_that_are_no_number_are_unknown(void **state)
{
    (void)state;
    assert_non_null(cmdline_parse(&c, "maxcpus=two"));
    assert_non_null(cmdline_parse(&c, "maxcpus="));
    assert_int_equal(c.max_vcpus, 0);
}

static void event_rung_has_room_for_7_letters(void **state)
{
    (void)state;
    assert_null(cmdline_parse(&c, "evtchn=1234567"));
    assert_string_equal(c.evtchn, "1234567");
    assert_non_null(cmdline_parse(&c, "evtchn=12345678"));
    assert_string_equal(c.evtchn, "");
}

static void later_word_wins(void **state)
{
    (void)state;
    assert_null(cmdline_parse(&c, "mem=1G evtchn=percpu mem=2G evtchn=gsi"));
    assert_int_equal(c.max_mem, 2UL << 30);
    assert_string_equal(c.evtchn, "gsi");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(nothing_said_is_nothing_set),
    cmocka_unit_test(all_words),
    cmocka_unit_test(words_of_time),
    cmocka_unit_test(two_level_events_go_with_any_rung),
    cmocka_unit_test(value_too_long_for_its_place_is_unknown),
    cmocka_unit_test(spaces_around_words_do_not_matter),
    cmocka_unit_test(sizes_have_units),
    cmocka_unit_test(unknown_word_is_returned),
    cmocka_unit_test(long_unknown_word_is_cut),
    cmocka_unit_test(image_name_is_no_unknown_word_at_the_start),
    cmocka_unit_test(words_behind_an_unknown_one_count),
    cmocka_unit_test(first_of_many_unknown_words_is_returned),
    cmocka_unit_test(words_are_compared_whole),
    cmocka_unit_test(size_without_number_is_unknown),
    cmocka_unit_test(size_of_another_unit_is_unknown),
    cmocka_unit_test(size_with_more_behind_its_unit_sets_nothing),
    cmocka_unit_test(vcpus_that_are_no_number_are_unknown),
    cmocka_unit_test(event_rung_has_room_for_7_letters),
    cmocka_unit_test(later_word_wins),
};

UNIT_MAIN(tests)
