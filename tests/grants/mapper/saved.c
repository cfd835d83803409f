// SPDX-License-Identifier: MIT
/*
 * A guest with grants of version 2 that is saved while it has dom0's pages mapped, and one of its
 * own. The new domain has no mapping: the old handles are nobody's, the entries lead nowhere and
 * do no harm, and the same places take new ones. The version is the one it had: a kernel of it may
 * have no code for the other.
 */
#include "mapper.h"

#define OWN_REF   200
#define OWN_PLACE (PAGES + 10)

static volatile union grant_entry_v2 *table;
static volatile grant_status_t *status;
static struct window t; /* where the table is */
static u64 own_page[512] page_aligned;

static long set_version(u32 version)
{
    struct gnttab_set_version op = {.version = version};

    return grant_op(GNTTABOP_set_version, &op, 1);
}

static u32 get_version(void)
{
    struct gnttab_get_version op = {.dom = DOMID_SELF, .version = UNTOUCHED};

    if (grant_op(GNTTABOP_get_version, &op, 1))
        panic("get_version");
    return op.version;
}

/* What kernels do at start, and again in a new domain. */
static void ask_for_table(void)
{
    xen_pfn_t frame, words;
    struct gnttab_setup_table s = {.dom = DOMID_SELF, .nr_frames = 1};
    struct gnttab_get_status_frames g = {.dom = DOMID_SELF, .nr_frames = 1};

    s.frame_list.p = &frame;
    g.frame_list.p = &words;
    if (grant_op(GNTTABOP_setup_table, &s, 1) || s.status ||
        grant_op(GNTTABOP_get_status_frames, &g, 1) || g.status)
        panic("no table");
    if (set_pte_va(t.va, frame << PAGE_SHIFT | PT_KERNEL | PTE_NX, UVMF_INVLPG) ||
        set_pte_va(t.va + PAGE_SIZE, words << PAGE_SHIFT | PT_KERNEL | PTE_NX, UVMF_INVLPG))
        panic("table");
    table = (void *)t.va;
    status = (void *)(t.va + PAGE_SIZE);
}

static struct gnttab_map_grant_ref map_own(const char *name)
{
    struct gnttab_map_grant_ref m = {.host_addr = place(OWN_PLACE),
                                     .flags = GNTMAP_host_map,
                                     .ref = OWN_REF,
                                     .dom = own_number(),
                                     .status = UNTOUCHED};

    table[OWN_REF].full_page.frame = mfn_of(own_page);
    table[OWN_REF].hdr.domid = m.dom;
    barrier();
    table[OWN_REF].hdr.flags = GTF_permit_access;
    grant_op(GNTTABOP_map_grant_ref, &m, 1);
    check_num(name, m.status, GNTST_okay);
    check_hex(name, word(OWN_PLACE)[0], 0x5e1f);
    check_hex(name, status[OWN_REF], GTF_reading | GTF_writing);
    return m;
}

static void unmap_own(const char *name, struct gnttab_map_grant_ref m, int expected)
{
    struct gnttab_unmap_grant_ref u = {
        .host_addr = m.host_addr, .handle = m.handle, .status = UNTOUCHED};

    grant_op(GNTTABOP_unmap_grant_ref, &u, 1);
    check_num(name, u.status, expected);
}

static void be_saved(void)
{
    struct sched_shutdown suspend = {.reason = SHUTDOWN_suspend};

    print("GUEST saved=now\n");
    console_flush();
    long rc = hc(sched_op, SCHEDOP_shutdown, &suspend, mfn_of(start_info));
    console_init();
    check_rc("restored", rc, 0);
}

void saved(void)
{
    t = window_open(302);
    own_page[0] = 0x5e1f;
    check_rc("set-2", set_version(2), 0);
    ask_for_table();
    open_mailbox(table, 2);
    check_num("mapped", map_list(GNTMAP_host_map | GNTMAP_device_map, PAGES), PAGES);
    check_hex("mapped-word", word(5)[0], 0xd0d00005);
    struct gnttab_map_grant_ref m = map_own("own");

    be_saved();
    check_num("version-kept", get_version(), 2);
    check_num("handles-gone", unmap_list(PAGES), 0);
    unmap_own("own-handle-gone", m, GNTST_bad_handle);
    check_hex("no-frame-reads", word(5)[0], 0xffffffff);
    word(5)[0] = 1;
    check_hex("no-frame-lost", word(5)[0], 0xffffffff);
    check_hex("own-page", own_page[0], 0x5e1f);
    int rc = 0;
    for (unsigned i = 0; i < PAGES; i++)
        rc |= (int)set_pte_va(place(i), 0, UVMF_INVLPG);
    check_rc("entries-cleared", rc | set_pte_va(place(OWN_PLACE), 0, UVMF_INVLPG), 0);

    check_rc("set-2-again", set_version(2), 0);
    ask_for_table();
    check_true("toolstack's", table[GNTTAB_RESERVED_CONSOLE].full_page.frame != 0 &&
                                  table[GNTTAB_RESERVED_XENSTORE].full_page.frame != 0);
    m = map_own("own-again");
    open_mailbox(table, 2);
    test_list("again", GNTMAP_host_map);
    unmap_own("own-unmap", m, GNTST_okay);
    check_hex("own-not-in-use", status[OWN_REF], 0);
}
