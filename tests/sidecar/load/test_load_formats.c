// SPDX-License-Identifier: MIT
/* A guest is in the domain as it was saved, whoever has saved it. */
#include "../unit/test.h"

#include "../../../sidecar/load/check.h"
#include "../../../sidecar/load/handoff.h"
#include "loaded.h"

static void loads(unsigned int width, bool small, const struct how *how)
{
    struct handoff times;
    struct model m;
    struct stream s;
    struct source src;
    struct image img = {.src = &src};
    struct fake f;
    bool good;

    model_make(&m, width, small);
    stream_make(&s, &m, how);
    fake_make(&f, width);
    source_memory(&src, s.p, s.n);
    good = image_read(&img) && image_check(&img);
    assert_string_equal(img.why, "");
    assert_true(good);
    assert_int_equal(img.version, how->version);
    assert_int_equal(img.nr_vcpus, 3);
    assert_int_equal(img.highest_vcpu, 3);
    fake_answers(&f, NULL);
    good = handoff(&img, &f.domain, FAKE_HANDOVER, 60, &times);
    assert_string_equal(img.why, "");
    assert_true(good);
    fake_answered(&f);
    assert_loaded(&m, how, &f);
    image_free(&img);
    fake_free(&f);
    stream_free(&s);
    model_free(&m);
}

static void both(const struct how *how)
{
    loads(8, false, how);
    loads(4, false, how);
    loads(8, true, how);
    loads(4, true, how);
}

static void version_3_as_xl_libvirt_and_libxc_write_it(void **state)
{
    (void)state;
    both(&(struct how){.version = 3, .wrapper = XL});
    both(&(struct how){.version = 3, .wrapper = VIRSH});
    both(&(struct how){.version = 3, .wrapper = LIBXL});
    both(&(struct how){.version = 3, .wrapper = BARE});
}

static void version_2(void **state)
{
    (void)state;
    both(&(struct how){.version = 2, .wrapper = XL});
    both(&(struct how){.version = 2, .wrapper = VIRSH});
}

static void records_beyond_the_context(void **state)
{
    (void)state;
    both(&(struct how){.version = 3, .wrapper = XL, .extended = true});
}

static void records_without_content_and_of_unknown_optional_types(void **state)
{
    (void)state;
    both(&(struct how){.version = 2, .wrapper = XL, .unknown = true});
    both(&(struct how){.version = 3, .wrapper = XL, .empty = true});
}

static void of_a_page_that_came_twice_the_last_type_and_content_count(void **state)
{
    (void)state;
    both(&(struct how){.version = 3, .wrapper = XL, .live = true});
}

static void what_comes_again_to_be_compared_is_not_written(void **state)
{
    (void)state;
    both(&(struct how){.version = 2, .wrapper = XL, .verify = true});
}

static void converted_from_the_older_format(void **state)
{
    (void)state;
    both(&(struct how){.version = 2, .wrapper = XL, .converted = true});
}

static void version_1_as_xl_xend_and_libvirt_wrote_it_with_both_long_sizes(void **state)
{
    (void)state;
    for (unsigned int longs = 4; longs <= 8; longs += 4) {
        both(&(struct how){.version = 1, .wrapper = XL_OLD, .longs = longs});
        both(&(struct how){.version = 1, .wrapper = XEND, .longs = longs});
        both(&(struct how){.version = 1, .wrapper = VIRSH, .longs = longs});
        both(&(struct how){.version = 1, .wrapper = BARE, .longs = longs});
        both(&(struct how){.version = 1, .wrapper = XL_OLD, .longs = longs, .extended = true});
    }
}

static void version_1_saved_while_it_ran(void **state)
{
    (void)state;
    both(&(struct how){.version = 1, .wrapper = XL_OLD, .longs = 8, .live = true});
    both(&(struct how){.version = 1, .wrapper = XEND, .longs = 4, .live = true, .verify = true});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_3_as_xl_libvirt_and_libxc_write_it),
        cmocka_unit_test(version_2),
        cmocka_unit_test(records_beyond_the_context),
        cmocka_unit_test(records_without_content_and_of_unknown_optional_types),
        cmocka_unit_test(of_a_page_that_came_twice_the_last_type_and_content_count),
        cmocka_unit_test(what_comes_again_to_be_compared_is_not_written),
        cmocka_unit_test(converted_from_the_older_format),
        cmocka_unit_test(version_1_as_xl_xend_and_libvirt_wrote_it_with_both_long_sizes),
        cmocka_unit_test(version_1_saved_while_it_ran),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
