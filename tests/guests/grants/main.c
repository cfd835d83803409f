// SPDX-License-Identifier: MIT
/*
 * grant_table_op as a front-end's domain uses it (pv-guest-abi 2.6): query_size, setup_table and
 * what is in its frames, versions, copies between own frames, and every error, those in the status
 * word and those of the call. Frame numbers and limits are never printed.
 */
#include "grant.h"

static struct gnttab_query_size query(domid_t dom)
{
    struct gnttab_query_size q = {.dom = dom, .nr_frames = 7777, .max_nr_frames = 7777};

    check_rc("query_size", grant_op(GNTTABOP_query_size, &q, 1), 0);
    return q;
}

static void test_size(void)
{
    struct gnttab_query_size q = query(DOMID_SELF);

    check_num("query_size-status", q.status, GNTST_okay);
    check_true("query_size-frames", q.nr_frames >= 1 && q.nr_frames <= q.max_nr_frames);
    check_true("query_size-max", q.max_nr_frames >= 4 && q.max_nr_frames < 7777);
    q = query(12345);
    fact("query_size-other-domain", "%d", q.status);
    check_rc("query_size-count-2", grant_op(GNTTABOP_query_size, &q, 2), -XEN_EINVAL);
    check_rc("query_size-bad-pointer", grant_op(GNTTABOP_query_size, (void *)BAD_POINTER, 1),
             -XEN_EFAULT);
}

static xen_pfn_t frames[4];

static long setup(domid_t dom, u32 n, struct gnttab_setup_table *op)
{
    *op = (struct gnttab_setup_table){.dom = dom, .nr_frames = n, .status = 77};
    op->frame_list.p = frames;
    return grant_op(GNTTABOP_setup_table, op, 1);
}

/* The table can be mapped and written, and looks the same through a second call. */
static void test_table(void)
{
    struct gnttab_setup_table op;
    struct window w = window_open(WINDOW(1));

    check_rc("setup", setup(DOMID_SELF, 1, &op), 0);
    check_num("setup-status", op.status, GNTST_okay);
    xen_pfn_t first = frames[0];
    check_rc("setup-more", setup(DOMID_SELF, 2, &op), 0);
    check_num("setup-more-status", op.status, GNTST_okay);
    check_true("setup-same-frame", frames[0] == first && frames[1] && frames[1] != first);
    check_rc("setup-none", setup(DOMID_SELF, 0, &op), 0);
    check_num("setup-none-status", op.status, GNTST_okay);

    check_rc("map-frame",
             set_pte_va(w.va, (u64)first << PAGE_SHIFT | PT_KERNEL | PTE_NX, UVMF_INVLPG), 0);
    volatile struct grant_entry_v1 *table = (void *)w.va;
    table[100].frame = 0x1234;
    table[100].domid = 77;
    table[100].flags = 0;
    check_hex("entry-kept", table[100].frame, 0x1234);
    /* The toolstack grants itself the rings of console and xenstore by reserved entries. */
    check_true("entries-of-toolstack",
               (table[GNTTAB_RESERVED_CONSOLE].flags & GTF_type_mask) == GTF_permit_access &&
                   (table[GNTTAB_RESERVED_XENSTORE].flags & GTF_type_mask) == GTF_permit_access);
    setup(DOMID_SELF, 1, &op);
    check_hex("entry-kept-by-setup", table[100].frame, 0x1234);
}

static void test_setup_errors(void)
{
    struct gnttab_setup_table op;

    check_rc("setup-too-many", setup(DOMID_SELF, 100000, &op), 0);
    check_num("setup-too-many-status", op.status, GNTST_general_error);
    check_rc("setup-other-domain", setup(12345, 1, &op), 0);
    fact("setup-other-domain-status", "%d", op.status);
    setup(DOMID_SELF, 1, &op);
    op.frame_list.p = (void *)BAD_POINTER;
    op.status = 77;
    check_rc("setup-bad-list", grant_op(GNTTABOP_setup_table, &op, 1), 0);
    /* The list of a 32-bit guest is written when all else is done. */
    check_num("setup-bad-list-status", op.status,
              GUEST_BITS == 64 ? GNTST_bad_virt_addr : GNTST_okay);
    check_rc("setup-count-2", grant_op(GNTTABOP_setup_table, &op, 2), -XEN_EINVAL);
    check_rc("setup-bad-pointer", grant_op(GNTTABOP_setup_table, (void *)BAD_POINTER, 1),
             -XEN_EFAULT);
}

static void test_version(void)
{
    struct gnttab_get_version get = {.dom = DOMID_SELF, .version = 77};
    struct gnttab_set_version set = {.version = 1};

    check_rc("get_version", grant_op(GNTTABOP_get_version, &get, 1), 0);
    check_num("get_version-is", get.version, 1);
    check_rc("set_version-1", grant_op(GNTTABOP_set_version, &set, 1), 0);
    check_num("set_version-1-is", set.version, 1);
    set.version = 3;
    check_rc("set_version-3", grant_op(GNTTABOP_set_version, &set, 1), -XEN_EINVAL);
    check_rc("set_version-bad-pointer", grant_op(GNTTABOP_set_version, (void *)BAD_POINTER, 1),
             -XEN_EFAULT);
    get.dom = 12345;
    fact_rc("get_version-other-domain", grant_op(GNTTABOP_get_version, &get, 1));
}

static u64 *from, *to;

static int copy(struct gnttab_copy op, long *rc)
{
    op.status = 77;
    *rc = grant_op(GNTTABOP_copy, &op, 1);
    return op.status;
}

static void test_copy(void)
{
    long rc;

    from = page_alloc();
    to = page_alloc();
    for (int i = 0; i < 512; i++)
        from[i] = 0x100000 + i;
    struct gnttab_copy op = {.source = {.u.gmfn = mfn_of(from), .domid = DOMID_SELF, .offset = 8},
                             .dest = {.u.gmfn = mfn_of(to), .domid = DOMID_SELF, .offset = 16},
                             .len = 800};
    int status = copy(op, &rc);
    check_rc("copy", rc, 0);
    check_num("copy-status", status, GNTST_okay);
    bool right = to[1] == 0 && to[102] == 0;
    for (int i = 0; i < 100; i++)
        right &= to[2 + i] == 0x100001U + i;
    check_true("copy-bytes", right);

    op.len = 4090;
    check_num("copy-over-page-end", copy(op, &rc), GNTST_bad_copy_arg);
    op.len = 8;
    op.source.u.gmfn = BAD_FRAME;
    fact("copy-no-frame", "%d", copy(op, &rc));
    op.source.u.gmfn = mfn_of(from);
    op.source.domid = 12345;
    fact("copy-no-domain", "%d", copy(op, &rc));
    op.source.domid = DOMID_SELF;
    op.flags = GNTCOPY_source_gref;
    op.source.u.ref = 100; /* an entry that grants nothing */
    fact("copy-no-grant", "%d", copy(op, &rc));
    op.source.u.ref = 0x7fffffff;
    check_num("copy-no-entry", copy(op, &rc), GNTST_bad_gntref);

    struct gnttab_copy two[2] = {op, op};
    two[0].status = two[1].status = 77;
    two[1].flags = 0;
    two[1].source.u.gmfn = mfn_of(from);
    check_rc("copy-two", grant_op(GNTTABOP_copy, two, 2), 0);
    check_num("copy-two-first", two[0].status, GNTST_bad_gntref);
    check_num("copy-two-second", two[1].status, GNTST_okay);
    check_rc("copy-none", grant_op(GNTTABOP_copy, two, 0), 0);
    check_rc("copy-bad-pointer", grant_op(GNTTABOP_copy, (void *)BAD_POINTER, 1), -XEN_EFAULT);
}

static void test_rest(void)
{
    struct gnttab_map_grant_ref map = {.host_addr = 0, .ref = 0x7fffffff, .dom = DOMID_SELF};

    fact_rc("map_grant_ref", grant_op(GNTTABOP_map_grant_ref, &map, 1));
    struct gnttab_dump_table dump = {.dom = DOMID_SELF};
    fact_rc("dump_table", grant_op(GNTTABOP_dump_table, &dump, 1));
    fact_rc("transfer-none", grant_op(GNTTABOP_transfer, &map, 0));
    check_rc("unknown", grant_op(99, &map, 1), -XEN_ENOSYS);
    check_rc("count-negative", grant_op(GNTTABOP_query_size, &map, 0x80000000u), -XEN_EINVAL);
}

void test_main(void)
{
    test_size();
    test_table();
    test_setup_errors();
    test_version();
    test_copy();
    test_rest();
}
