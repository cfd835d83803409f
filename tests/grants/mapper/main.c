// SPDX-License-Identifier: MIT
/*
 * A guest as back-end: it maps pages that dom0 grants it. The page of `struct mailbox`, which it
 * grants to dom0 itself, tells it their references; gntside in dom0 is the other end. Lines "check"
 * are the same under Xen and in the shim.
 */
#include "mapper.h"

#define MAILBOX_REF 100
#define REFS        520 /* that dom0 grants */
#define PAGES       300 /* of them, in lists */
#define MANY        (1 << 16)
#define PER_REF     127 /* mappings of one reference: Xen counts no more */

enum { BOX_EMPTY, BOX_FILLED, BOX_DONE };
static struct mailbox {
    u32 state, n, ref[REFS];
} page_aligned box;

static struct window w;
static struct gnttab_map_grant_ref m[PAGES];
static struct gnttab_unmap_grant_ref u[PAGES];

void open_mailbox(volatile void *table, unsigned version)
{
    volatile struct grant_entry_v1 *e = (volatile struct grant_entry_v1 *)table + MAILBOX_REF;
    volatile union grant_entry_v2 *e2 = (volatile union grant_entry_v2 *)table + MAILBOX_REF;

    box.state = BOX_EMPTY;
    if (version == 2) {
        e2->full_page.frame = mfn_of(&box);
        e2->hdr.domid = 0;
        barrier();
        e2->hdr.flags = GTF_permit_access;
    } else {
        e->frame = (u32)mfn_of(&box);
        e->domid = 0;
        barrier();
        e->flags = GTF_permit_access;
    }
    print("GUEST mailbox=%u\n", MAILBOX_REF);
    if (!wait_until(READ_ONCE(box.state) == BOX_FILLED) || box.n != REFS)
        panic("nothing in the mailbox");
}

/* The pages may lie in two or more level-1 tables. */
static u64 *entry_of(unsigned i)
{
    return &w.l1[i];
}

ul place(unsigned i)
{
    return w.va + i * PAGE_SIZE;
}

volatile u32 *word(unsigned i)
{
    return (volatile u32 *)place(i);
}

int map_list(u32 flags, unsigned n)
{
    int good = 0;

    for (unsigned i = 0; i < n; i++)
        m[i] = (struct gnttab_map_grant_ref){
            .host_addr = flags & GNTMAP_contains_pte ? maddr_of(entry_of(i)) : place(i),
            .flags = flags,
            .ref = box.ref[i],
            .dom = 0,
            .status = UNTOUCHED,
        };
    if (grant_op(GNTTABOP_map_grant_ref, m, n))
        panic("map_grant_ref");
    for (unsigned i = 0; i < n; i++)
        good += m[i].status == GNTST_okay;
    return good;
}

int unmap_list(unsigned n)
{
    int good = 0;

    for (unsigned i = 0; i < n; i++)
        u[i] = (struct gnttab_unmap_grant_ref){
            .host_addr = m[i].host_addr, .handle = m[i].handle, .status = UNTOUCHED};
    if (grant_op(GNTTABOP_unmap_grant_ref, u, n))
        panic("unmap_grant_ref");
    for (unsigned i = 0; i < n; i++)
        good += u[i].status == GNTST_okay;
    return good;
}

void test_list(const char *how, u32 flags)
{
    int right = 0, bus = 0, gone = 0;

    check(how, map_list(flags, PAGES) == PAGES, "all mapped");
    for (unsigned i = 0; i < PAGES; i++) {
        right += word(i)[0] == 0xd0d00000 + i;
        bus += PTE_MFN(*entry_of(i)) == m[i].dev_bus_addr >> PAGE_SHIFT;
        if (!(flags & GNTMAP_readonly))
            word(i)[1] = 0xbeef0000 + i;
    }
    check_num("dom0's words", right, PAGES);
    check_num("bus-addresses", bus, PAGES);
    check_num("unmapped", unmap_list(PAGES), PAGES);
    for (unsigned i = 0; i < PAGES; i++)
        gone += !*entry_of(i);
    check_num("entries-gone", gone, PAGES);
    PROBE("movl (%0), %%eax", NONE, "r"(word(5)), "rax");
    check_trap("no-access", X_PF, 0);
}

/* It's mapped, but it isn't the guest's: no page table, no page to give away or to clear. */
static void test_not_own(void)
{
    struct gnttab_copy c = {.len = 8};

    if (map_list(GNTMAP_host_map, 1) != 1)
        panic("no mapping");
    xen_pfn_t mfn = PTE_MFN(*entry_of(0));
    struct xen_memory_reservation r = {.nr_extents = 1, .domid = DOMID_SELF};

    set_xen_guest_handle(r.extent_start, &mfn);
    check_true("not-own-pin-l1", mmuext_one(MMUEXT_PIN_L1_TABLE, mfn, 0) < 0);
    check_true("not-own-pin-l4", mmuext_one(MMUEXT_PIN_L4_TABLE, mfn, 0) < 0);
    check_true("not-own-baseptr", mmuext_one(MMUEXT_NEW_BASEPTR, mfn, 0) < 0);
    check_true("not-own-clear", mmuext_one(MMUEXT_CLEAR_PAGE, mfn, 0) < 0);
    check_true("not-own-as-l1",
               mmu_update_one(maddr_of(&w.l2[7]), mfn << PAGE_SHIFT | PT_TABLE) < 0);
    check_true("not-own-store", mmu_update_one(mfn << PAGE_SHIFT, 0) < 0);
    check_true("not-own-m2p", mmu_update_one(mfn << PAGE_SHIFT | MMU_MACHPHYS_UPDATE, 1) < 0);
    check_num("not-own-give", hc(memory_op, XENMEM_decrease_reservation, &r), 0);
    fact_rc("second-entry", mmu_update_one(maddr_of(&w.l1[400]), mfn << PAGE_SHIFT | PT_KERNEL));
    fact_rc("second-va", set_pte_va(place(401), mfn << PAGE_SHIFT | PT_KERNEL, UVMF_INVLPG));
    set_pte_va(place(400), 0, UVMF_INVLPG);
    set_pte_va(place(401), 0, UVMF_INVLPG);
    c.source.u.gmfn = mfn;
    c.source.domid = c.dest.domid = DOMID_SELF;
    c.dest.u.gmfn = mfn_of(&box);
    c.dest.offset = 2048;
    grant_op(GNTTABOP_copy, &c, 1);
    fact("not-own-copy", "%d", c.status);
    check_hex("not-own-still-there", word(0)[0], 0xd0d00000);
    check_num("not-own-unmap", unmap_list(1), 1);
}

static void test_refused(void)
{
    static struct gnttab_map_grant_ref r[4];

    for (unsigned i = 0; i < ARRAY_LEN(r); i++)
        r[i] = (struct gnttab_map_grant_ref){
            .host_addr = place(i), .flags = GNTMAP_host_map, .ref = box.ref[i], .dom = 0};
    r[0].dom = 12345;
    r[1].ref = 0x7fffffff;
    r[2].host_addr = w.va + (1UL << 30);
    check_rc("refused", grant_op(GNTTABOP_map_grant_ref, r, ARRAY_LEN(r)), 0);
    fact("refused-domain", "%d", r[0].status);
    fact("refused-reference", "%d", r[1].status);
    check_num("refused-place", r[2].status, GNTST_general_error);
    check_num("refused-not", r[3].status, GNTST_okay);
    check_true("refused-nothing", !*entry_of(0) && !*entry_of(1) && !*entry_of(2));
    u[0] = (struct gnttab_unmap_grant_ref){.host_addr = place(3), .handle = r[3].handle};
    grant_op(GNTTABOP_unmap_grant_ref, u, 1);
    check_num("refused-not-unmap", u[0].status, GNTST_okay);
}

/* As many at the same time as the documentation says. */
static void test_many(void)
{
    static struct {
        u32 handle;
        u64 bus;
    } mapped[MANY];
    u32 n = 0, unmapped = 0;

    for (unsigned i = 0; i < REFS && n < MANY; i++) {
        unsigned want = MANY - n < PER_REF ? MANY - n : PER_REF;

        for (unsigned k = 0; k < want; k++)
            m[k] = (struct gnttab_map_grant_ref){
                .flags = GNTMAP_device_map, .ref = box.ref[i], .dom = 0};
        grant_op(GNTTABOP_map_grant_ref, m, want);
        for (unsigned k = 0; k < want; k++, n++) {
            if (m[k].status)
                panic("mapping %u of %u: status %d", n, MANY, m[k].status);
            mapped[n].handle = m[k].handle;
            mapped[n].bus = m[k].dev_bus_addr;
        }
    }
    check_num("many", n, MANY);
    for (u32 i = 0; i < n;) {
        unsigned k = 0;

        for (; k < PAGES && i < n; k++, i++)
            u[k] = (struct gnttab_unmap_grant_ref){.dev_bus_addr = mapped[i].bus,
                                                   .handle = mapped[i].handle};
        grant_op(GNTTABOP_unmap_grant_ref, u, k);
        for (unsigned j = 0; j < k; j++)
            unmapped += u[j].status == GNTST_okay;
    }
    check_num("many-unmapped", unmapped, MANY);
}

void test_main(void)
{
    const char *words = (const char *)start_info->cmd_line;

    w = window_open(303);
    if (!strncmp(words, "save", 4)) {
        saved();
        WRITE_ONCE(box.state, BOX_DONE);
        print("GUEST-DONE\n");
        return;
    }
    open_mailbox(grant_table_map(302), 1);
    test_list("linear", GNTMAP_host_map);
    if (!strncmp(words, "bench", 5)) {
        bench(box.ref, w);
    } else {
        test_list("by-entry", GNTMAP_host_map | GNTMAP_contains_pte);
        test_list("readonly", GNTMAP_host_map | GNTMAP_readonly);
        test_not_own();
        test_refused();
        test_many();
    }
    WRITE_ONCE(box.state, BOX_DONE);
    print("GUEST-DONE\n");
}
