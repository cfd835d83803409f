// SPDX-License-Identifier: MIT
/*
 * Grant tables of version 2 (<xen/grant_table.h>): changing over and back, with what is in use in
 * between, the entries that the toolstack made, frames of status words, and mapping and copying by
 * such entries. The guest grants itself, by its own number.
 */
#include "grant.h"

#define REF 64

static domid_t self;
static volatile union grant_entry_v2 *table;
static volatile grant_status_t *status;
static struct window w;
static u64 *page;

static long set_version(u32 version, u32 *now)
{
    struct gnttab_set_version op = {.version = version};
    long rc = grant_op(GNTTABOP_set_version, &op, 1);

    if (now)
        *now = op.version;
    return rc;
}

static u32 get_version(void)
{
    struct gnttab_get_version op = {.dom = DOMID_SELF, .version = UNTOUCHED};

    if (grant_op(GNTTABOP_get_version, &op, 1))
        panic("get_version");
    return op.version;
}

static void map_at(ul va, u64 frame)
{
    if (set_pte_va(va, frame << PAGE_SHIFT | PT_KERNEL | PTE_NX, UVMF_INVLPG))
        panic("grant frame");
}

static int status_frames(u32 n, u64 *list)
{
    struct gnttab_get_status_frames g = {.dom = DOMID_SELF, .nr_frames = n, .status = UNTOUCHED};

    set_xen_guest_handle(g.frame_list, list);
    if (grant_op(GNTTABOP_get_status_frames, &g, 1))
        panic("get_status_frames");
    return g.status;
}

static void test_change(void)
{
    static xen_pfn_t frame[4];
    static u64 words[4];
    struct gnttab_setup_table op = {.dom = DOMID_SELF, .nr_frames = 1};
    u32 now = 0;

    check_num("before", get_version(), 1);
    check_num("status-before", status_frames(1, words), GNTST_general_error);
    check_rc("set-2", set_version(2, &now), 0);
    check_num("set-2-is", now, 2);
    check_num("get-2", get_version(), 2);
    check_rc("set-2-again", set_version(2, &now), 0);
    check_rc("set-3", set_version(3, &now), -XEN_EINVAL);

    op.frame_list.p = frame;
    if (grant_op(GNTTABOP_setup_table, &op, 1) || op.status)
        panic("setup_table");
    w = window_open(WINDOW(1));
    map_at(w.va, frame[0]);
    table = (void *)w.va;
    check_num("status-frames", status_frames(1, words), GNTST_okay);
    map_at(w.va + PAGE_SIZE, words[0]);
    status = (void *)(w.va + PAGE_SIZE);
    check_num("status-frames-too-many", status_frames(2, words), GNTST_general_error);

    check_true("entries-of-toolstack",
               (table[GNTTAB_RESERVED_CONSOLE].hdr.flags & GTF_type_mask) == GTF_permit_access &&
                   (table[GNTTAB_RESERVED_XENSTORE].hdr.flags & GTF_type_mask) ==
                       GTF_permit_access);
    check_true("rings-are-there", table[GNTTAB_RESERVED_CONSOLE].full_page.frame != 0 &&
                                      table[GNTTAB_RESERVED_XENSTORE].full_page.frame != 0);
}

static void grant_page(u16 flags)
{
    table[REF].full_page.frame = mfn_of(page);
    table[REF].hdr.domid = self;
    barrier();
    table[REF].hdr.flags = flags;
}

static struct gnttab_map_grant_ref map(const char *name, u32 flags)
{
    struct gnttab_map_grant_ref m = {.host_addr = w.va + 8 * PAGE_SIZE,
                                     .flags = flags,
                                     .ref = REF,
                                     .dom = self,
                                     .status = UNTOUCHED};
    long rc = grant_op(GNTTABOP_map_grant_ref, &m, 1);

    fact(name, "%ld status %d", rc, m.status);
    return m;
}

static void unmap(const char *name, grant_handle_t handle)
{
    struct gnttab_unmap_grant_ref u = {
        .host_addr = w.va + 8 * PAGE_SIZE, .handle = handle, .status = UNTOUCHED};
    long rc = grant_op(GNTTABOP_unmap_grant_ref, &u, 1);

    fact(name, "%ld status %d", rc, u.status);
}

static void test_map(void)
{
    volatile u64 *at = (void *)(w.va + 8 * PAGE_SIZE);
    struct gnttab_map_grant_ref m;

    page = page_alloc();
    page[0] = 0x1234;
    m = map("not-granted", GNTMAP_host_map);
    grant_page(GTF_permit_access);
    m = map("map", GNTMAP_host_map);
    check_num("map-status", m.status, GNTST_okay);
    check_hex("map-read", at[0], 0x1234);
    check_hex("map-in-use", status[REF], GTF_reading | GTF_writing);
    check_hex("map-flags", table[REF].hdr.flags, GTF_permit_access);
    check_rc("set-1-in-use", set_version(1, NULL), -XEN_EBUSY);
    check_num("set-1-in-use-is", get_version(), 2);
    unmap("unmap", m.handle);
    check_hex("unmap-not-in-use", status[REF], 0);

    m = map("map-readonly", GNTMAP_host_map | GNTMAP_readonly);
    check_hex("map-readonly-in-use", status[REF], GTF_reading);
    unmap("unmap-readonly", m.handle);
    grant_page(GTF_permit_access | GTF_readonly);
    map("granted-readonly", GNTMAP_host_map);
    grant_page(GTF_permit_access | GTF_sub_page);
    map("sub-page", GNTMAP_host_map);
    grant_page(GTF_transitive);
    map("transitive", GNTMAP_host_map);
    check_hex("refused-not-in-use", status[REF], 0);
}

/* L0 reads the entry itself: of a part of a page, too. */
static void test_copy(void)
{
    u64 *to = page_alloc();
    struct gnttab_copy c = {.source = {.u.ref = REF, .domid = DOMID_SELF, .offset = 16},
                            .dest = {.u.gmfn = mfn_of(to), .domid = DOMID_SELF},
                            .len = 8,
                            .flags = GNTCOPY_source_gref};

    page[2] = 0x5678;
    grant_page(0);
    table[REF].sub_page.page_off = 16;
    table[REF].sub_page.length = 64;
    table[REF].sub_page.frame = mfn_of(page);
    barrier();
    table[REF].hdr.flags = GTF_permit_access | GTF_sub_page;
    c.source.domid = self;
    c.source.offset = 0;
    check_rc("copy-sub-page", grant_op(GNTTABOP_copy, &c, 1), 0);
    fact("copy-sub-page-status", "%d", c.status);
    fact("copy-sub-page-word", "0x%lx", (ul)to[0]);
    c.len = 128;
    grant_op(GNTTABOP_copy, &c, 1);
    fact("copy-over-sub-page", "%d", c.status);
    grant_page(0);
}

static void test_back(void)
{
    u64 words[2];
    u32 now;

    set_pte_va(w.va + PAGE_SIZE, 0, UVMF_INVLPG);
    check_rc("set-1", set_version(1, &now), 0);
    check_num("set-1-is", now, 1);
    check_num("get-1", get_version(), 1);
    check_num("status-frames-gone", status_frames(1, words), GNTST_general_error);
    volatile struct grant_entry_v1 *v1 = (void *)w.va;
    check_true("entries-of-toolstack-1",
               (v1[GNTTAB_RESERVED_CONSOLE].flags & GTF_type_mask) == GTF_permit_access &&
                   v1[GNTTAB_RESERVED_CONSOLE].frame != 0);
    check_rc("set-2-once-more", set_version(2, &now), 0);
    check_num("status-frames-once-more", status_frames(1, words), GNTST_okay);
    map_at(w.va + PAGE_SIZE, words[0]);
    status[REF + 1] = 5;
    check_num("status-usable", status[REF + 1], 5);
}

void test_main(void)
{
    self = own_number();
    test_change();
    test_map();
    test_copy();
    test_back();
}
