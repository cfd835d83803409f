// SPDX-License-Identifier: MIT
/*
 * Grant operations on lists (pv-guest-abi 2.7): each entry has its own status, an entry that fails
 * doesn't stop the list and doesn't show in the call's result; that is for lists that can't be read
 * or written. A backend's operations are asked with what no domain has granted, so nothing is
 * mapped.
 */
#include "grant.h"

static void test_map(void)
{
    static u8 place[PAGE_SIZE] page_aligned;
    struct gnttab_map_grant_ref m[] = {
        {.dom = 0, .ref = 8, .flags = 0},
        {.dom = DOMID_SELF, .ref = 8, .flags = GNTMAP_host_map},
        {.dom = 12345, .ref = 8, .flags = GNTMAP_host_map},
        {.dom = 0, .ref = 0x7fffffff, .flags = GNTMAP_host_map},
        {.dom = 0, .ref = 0x7fffffff, .flags = GNTMAP_host_map | GNTMAP_contains_pte},
        {.dom = 0, .ref = 0x7fffffff, .flags = GNTMAP_device_map | GNTMAP_readonly},
        {.dom = 0, .ref = 8, .flags = 0},
    };

    for (unsigned i = 0; i < ARRAY_LEN(m); i++) {
        m[i].host_addr = (ul)place;
        m[i].status = UNTOUCHED;
    }
    check_rc("map", grant_op(GNTTABOP_map_grant_ref, m, ARRAY_LEN(m)), 0);
    check_num("map-no-flags", m[0].status, GNTST_bad_gntref);
    check_num("map-self", m[1].status, GNTST_bad_domain);
    fact("map-no-domain", "%d", m[2].status);
    fact("map-no-entry", "%d", m[3].status);
    fact("map-no-entry-pte", "%d", m[4].status);
    fact("map-no-entry-device", "%d", m[5].status);
    check_num("map-last", m[6].status, GNTST_bad_gntref);
    place[0] = 0x5a;
    check_num("map-place-is-ours", place[0], 0x5a);
    check_rc("map-none", grant_op(GNTTABOP_map_grant_ref, (void *)BAD_POINTER, 0), 0);
    check_rc("map-bad-pointer", grant_op(GNTTABOP_map_grant_ref, (void *)BAD_POINTER, 1),
             -XEN_EFAULT);
}

static void test_unmap(void)
{
    struct gnttab_unmap_grant_ref u[2] = {{.handle = 5, .status = UNTOUCHED},
                                          {.handle = ~0U, .status = UNTOUCHED}};
    struct gnttab_unmap_and_replace r[2] = {{.handle = 5, .status = UNTOUCHED},
                                            {.handle = ~0U, .status = UNTOUCHED}};

    check_rc("unmap", grant_op(GNTTABOP_unmap_grant_ref, u, 2), 0);
    check_num("unmap-first", u[0].status, GNTST_bad_handle);
    check_num("unmap-second", u[1].status, GNTST_bad_handle);
    check_rc("replace", grant_op(GNTTABOP_unmap_and_replace, r, 2), 0);
    check_num("replace-first", r[0].status, GNTST_bad_handle);
    check_num("replace-second", r[1].status, GNTST_bad_handle);
    check_rc("unmap-none", grant_op(GNTTABOP_unmap_grant_ref, u, 0), 0);
    check_rc("replace-none", grant_op(GNTTABOP_unmap_and_replace, r, 0), 0);
    check_rc("unmap-bad-pointer", grant_op(GNTTABOP_unmap_grant_ref, (void *)BAD_POINTER, 1),
             -XEN_EFAULT);
    check_rc("replace-bad-pointer", grant_op(GNTTABOP_unmap_and_replace, (void *)BAD_POINTER, 1),
             -XEN_EFAULT);
}

static void test_transfer(void)
{
    struct gnttab_transfer t[2] = {
        {.mfn = BAD_FRAME, .domid = 12345, .status = UNTOUCHED},
        {.mfn = BAD_FRAME - 1, .domid = DOMID_SELF, .status = UNTOUCHED},
    };

    check_rc("transfer", grant_op(GNTTABOP_transfer, t, 2), 0);
    check_num("transfer-first", t[0].status, GNTST_bad_page);
    check_num("transfer-second", t[1].status, GNTST_bad_page);
    /* A table can't be given away. */
    t[0] = (struct gnttab_transfer){.mfn = mfn_of(kernel_top()), .domid = 12345};
    check_rc("transfer-table", grant_op(GNTTABOP_transfer, t, 1), 0);
    check_num("transfer-table-status", t[0].status, GNTST_bad_page);
    check_rc("transfer-none", grant_op(GNTTABOP_transfer, t, 0), 0);
    check_rc("transfer-bad-pointer", grant_op(GNTTABOP_transfer, (void *)BAD_POINTER, 1),
             -XEN_EFAULT);
}

static void test_swap(void)
{
    volatile struct grant_entry_v1 *e = grant_table_map(WINDOW(1));
    struct gnttab_swap_grant_ref s[3] = {{.ref_a = 20, .ref_b = 0x7fffffff, .status = UNTOUCHED},
                                         {.ref_a = 20, .ref_b = 21, .status = UNTOUCHED},
                                         {.ref_a = 20, .ref_b = 20, .status = UNTOUCHED}};

    e[20].frame = 0x2020;
    e[21].frame = 0x2121;
    check_rc("swap", grant_op(GNTTABOP_swap_grant_ref, s, 3), 0);
    check_num("swap-no-entry", s[0].status, GNTST_bad_gntref);
    check_num("swap-two", s[1].status, GNTST_okay);
    check_num("swap-one", s[2].status, GNTST_okay);
    check_true("swapped", e[20].frame == 0x2121 && e[21].frame == 0x2020);
    check_rc("swap-none", grant_op(GNTTABOP_swap_grant_ref, s, 0), 0);
    check_rc("swap-bad-pointer", grant_op(GNTTABOP_swap_grant_ref, (void *)BAD_POINTER, 1),
             -XEN_EFAULT);
}

static void test_status_frames(void)
{
    static u64 list[1];
    struct gnttab_get_status_frames g = {.dom = DOMID_SELF, .status = UNTOUCHED};

    g.frame_list.p = list;
    check_rc("status-frames-none", grant_op(GNTTABOP_get_status_frames, &g, 1), 0);
    check_num("status-frames-none-status", g.status, GNTST_okay);
    g.nr_frames = 1;
    check_rc("status-frames-v1", grant_op(GNTTABOP_get_status_frames, &g, 1), 0);
    check_num("status-frames-v1-status", g.status, GNTST_general_error);
    g.dom = 12345;
    check_rc("status-frames-other", grant_op(GNTTABOP_get_status_frames, &g, 1), 0);
    fact("status-frames-other-status", "%d", g.status);
    check_rc("status-frames-count", grant_op(GNTTABOP_get_status_frames, &g, 2), -XEN_EINVAL);
    check_rc("status-frames-pointer", grant_op(GNTTABOP_get_status_frames, (void *)BAD_POINTER, 1),
             -XEN_EFAULT);
}

static void test_cache_flush(void)
{
    static u8 page[PAGE_SIZE] page_aligned;
    struct gnttab_cache_flush c = {.a.dev_bus_addr = maddr_of(page), .length = 8};

    check_rc("cache-nothing", grant_op(GNTTABOP_cache_flush, &c, 1), 0);
    c.op = GNTTAB_CACHE_CLEAN;
    fact_rc("cache-clean", grant_op(GNTTABOP_cache_flush, &c, 1));
    c.op = GNTTAB_CACHE_INVAL;
    fact_rc("cache-invalidate", grant_op(GNTTABOP_cache_flush, &c, 1));
    c.op = GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_INVAL;
    fact_rc("cache-both", grant_op(GNTTABOP_cache_flush, &c, 1));
    c.op |= GNTTAB_CACHE_SOURCE_GREF;
    fact_rc("cache-gref", grant_op(GNTTABOP_cache_flush, &c, 1));
    c.op = GNTTAB_CACHE_CLEAN;
    c.offset = 4090;
    check_rc("cache-over-end", grant_op(GNTTABOP_cache_flush, &c, 1), -XEN_EINVAL);
    c.offset = 0;
    c.a.dev_bus_addr = BAD_MADDR;
    check_rc("cache-no-frame", grant_op(GNTTABOP_cache_flush, &c, 1), -XEN_EINVAL);
    check_rc("cache-none", grant_op(GNTTABOP_cache_flush, &c, 0), 0);
    check_rc("cache-bad-pointer", grant_op(GNTTABOP_cache_flush, (void *)BAD_POINTER, 1),
             -XEN_EFAULT);
}

static void test_calls(void)
{
    struct gnttab_setup_table setup = {.dom = DOMID_SELF, .nr_frames = 1, .status = UNTOUCHED};
    struct gnttab_copy copy = {.source.domid = 12345, .dest.domid = 12345, .status = UNTOUCHED};

    check_rc("command-bits", grant_op(GNTTABOP_map_grant_ref | 0x1000, &copy, 0), -XEN_EINVAL);
    check_rc("count-negative", grant_op(GNTTABOP_map_grant_ref, &copy, 0x80000000u), -XEN_EINVAL);
    check_rc("unknown-none", grant_op(99, &copy, 0), -XEN_ENOSYS);
    setup.frame_list.p = (void *)IN_HOLE;
    check_rc("setup-list-in-hole", grant_op(GNTTABOP_setup_table, &setup, 1), -XEN_EFAULT);
    check_num("setup-list-in-hole-status", setup.status, UNTOUCHED);
    check_rc("copy-nothing", grant_op(GNTTABOP_copy, &copy, 1), 0);
    fact("copy-nothing-status", "%d", copy.status);
    check_rc("map-list-in-hole", grant_op(GNTTABOP_map_grant_ref, (void *)IN_HOLE, 1), -XEN_EFAULT);
}

void test_main(void)
{
    test_map();
    test_unmap();
    test_transfer();
    test_swap();
    test_status_frames();
    test_cache_flush();
    test_calls();
}
