// SPDX-License-Identifier: MIT
/* What a kernel asks for in its notes, and whether it can run here. */
#include "unit.h"
#include "elfnotes.h"

static struct xen_notes n;

static int good(void **state)
{
    (void)state;
    n = (struct xen_notes){.found = true,
                           .xen_version = "xen-3.0",
                           .xen_version_len = 8,
                           .loader = "generic",
                           .loader_len = 8};
    return 0;
}

/* From memory that ends with the string's last letter. */
static const char *check_features(const char *s)
{
    u64 len = strlen(s);
    char *copy = test_malloc(len ? len : 1);

    memcpy(copy, s, len);
    n.features = copy;
    n.features_len = len;
    const char *err = xen_notes_check(&n, false);
    test_free(copy);
    return err;
}

static void no_features_are_accepted(void **state)
{
    (void)state;
    assert_accepted(xen_notes_check(&n, false));
    assert_accepted(check_features(""));
}

static void no_notes_means_not_built_for_pv(void **state)
{
    (void)state;
    n.found = false;
    assert_refused(xen_notes_check(&n, false), "CONFIG_XEN_PV");
}

static void version_is_required(void **state)
{
    (void)state;
    n.xen_version = NULL;
    n.xen_version_len = 0;
    assert_refused(xen_notes_check(&n, false), "xen-3.0");
}

static void other_version_is_refused(void **state)
{
    (void)state;
    n.xen_version = "xen-2.0";
    assert_refused(xen_notes_check(&n, false), "xen-3.0");
}

static void shortened_version_is_refused(void **state)
{
    (void)state;
    n.xen_version_len = 6;
    assert_refused(xen_notes_check(&n, false), "xen-3.0");
}

static void linux_needs_no_loader(void **state)
{
    (void)state;
    n.loader = NULL;
    n.loader_len = 0;
    n.guest_os = "linux";
    n.guest_os_len = 5;
    assert_accepted(xen_notes_check(&n, false));
}

static void other_loader_is_refused(void **state)
{
    (void)state;
    n.loader = "special";
    n.guest_os = "plan9";
    n.guest_os_len = 5;
    assert_refused(xen_notes_check(&n, false), "loader");
}

static void neither_loader_nor_os_is_refused(void **state)
{
    (void)state;
    n.loader = NULL;
    n.loader_len = 0;
    assert_refused(xen_notes_check(&n, false), "loader");
}

static void linuxs_features_are_accepted(void **state)
{
    (void)state;
    assert_accepted(check_features("!writable_page_tables|pae_pgdir_above_4gb"));
}

static void features_that_are_only_possible_are_accepted(void **state)
{
    (void)state;
    assert_accepted(check_features("auto_translated_physmap|flying_pages|dom0"));
}

static void unknown_required_feature_is_refused(void **state)
{
    (void)state;
    assert_refused(check_features("!flying_pages"), "not known");
}

static void required_feature_of_other_domains_is_refused(void **state)
{
    (void)state;
    assert_refused(check_features("!auto_translated_physmap"), "PV domains don't have");
    assert_refused(check_features("!hvm_callback_vector"), "PV domains don't have");
}

static void required_feature_behind_others_is_seen(void **state)
{
    (void)state;
    assert_refused(check_features("pae_pgdir_above_4gb|!writable_page_tables|!flying_pages"),
                   "not known");
}

static void names_are_compared_whole(void **state)
{
    (void)state;
    assert_refused(check_features("!writable_page_table"), "not known");
    assert_refused(check_features("!writable_page_tablesX"), "not known");
    assert_refused(check_features("!"), "not known");
}

static void features_end_at_a_null_byte(void **state)
{
    (void)state;
    n.features = "!writable_page_tables\0|!flying_pages";
    n.features_len = 36;
    assert_accepted(xen_notes_check(&n, false));
}

static void empty_words_are_passed_over(void **state)
{
    (void)state;
    assert_accepted(check_features("||!writable_page_tables||"));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(no_features_are_accepted, good),
    cmocka_unit_test_setup(no_notes_means_not_built_for_pv, good),
    cmocka_unit_test_setup(version_is_required, good),
    cmocka_unit_test_setup(other_version_is_refused, good),
    cmocka_unit_test_setup(shortened_version_is_refused, good),
    cmocka_unit_test_setup(linux_needs_no_loader, good),
    cmocka_unit_test_setup(other_loader_is_refused, good),
    cmocka_unit_test_setup(neither_loader_nor_os_is_refused, good),
    cmocka_unit_test_setup(linuxs_features_are_accepted, good),
    cmocka_unit_test_setup(features_that_are_only_possible_are_accepted, good),
    cmocka_unit_test_setup(unknown_required_feature_is_refused, good),
    cmocka_unit_test_setup(required_feature_of_other_domains_is_refused, good),
    cmocka_unit_test_setup(required_feature_behind_others_is_seen, good),
    cmocka_unit_test_setup(names_are_compared_whole, good),
    cmocka_unit_test_setup(features_end_at_a_null_byte, good),
    cmocka_unit_test_setup(empty_words_are_passed_over, good),
};

UNIT_MAIN(tests)
