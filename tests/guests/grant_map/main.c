// SPDX-License-Identifier: MIT
/*
 * Mapping grants (pv-guest-abi 2.7), here the guest's own by its number: host mappings by linear
 * address and by the address of an entry, device mappings, rights, several mappings of one grant,
 * unmapping in part and wrongly, unmap_and_replace, and every refusal in the status word. What
 * other domains grant: scenario shim-grants.
 */
#include "grant.h"

#define FIRST_REF 64

static domid_t self;
static volatile struct grant_entry_v1 *table;
static struct window w;
static u64 *page[4]; /* what is granted, by reference FIRST_REF + i */

static void prepare(void)
{
    self = own_number();
    check_true("own-number", self > 0 && self < DOMID_FIRST_RESERVED);
    table = grant_table_map(WINDOW(0));
    for (unsigned i = 0; i < ARRAY_LEN(page); i++) {
        page[i] = page_alloc();
        page[i][0] = 0x1000 + i;
        table[FIRST_REF + i].frame = (u32)mfn_of(page[i]);
        table[FIRST_REF + i].domid = self;
        barrier();
        table[FIRST_REF + i].flags = GTF_permit_access;
    }
    w = window_open(WINDOW(1));
}

static ul place(unsigned i)
{
    return w.va + i * PAGE_SIZE;
}

static struct gnttab_map_grant_ref mapping(unsigned i, u32 flags, u64 host_addr)
{
    return (struct gnttab_map_grant_ref){
        .host_addr = host_addr,
        .flags = flags,
        .ref = FIRST_REF + i,
        .dom = self,
        .status = UNTOUCHED,
    };
}

static struct gnttab_map_grant_ref map(const char *name, unsigned i, u32 flags, u64 host_addr)
{
    struct gnttab_map_grant_ref m = mapping(i, flags, host_addr);
    long rc = grant_op(GNTTABOP_map_grant_ref, &m, 1);

    fact(name, "%ld status %d", rc, m.status);
    return m;
}

static int unmap(const char *name, u64 host_addr, u64 bus, grant_handle_t handle)
{
    struct gnttab_unmap_grant_ref u = {
        .host_addr = host_addr, .dev_bus_addr = bus, .handle = handle, .status = UNTOUCHED};
    long rc = grant_op(GNTTABOP_unmap_grant_ref, &u, 1);

    fact(name, "%ld status %d", rc, u.status);
    return u.status;
}

static int use_of(unsigned i)
{
    return table[FIRST_REF + i].flags & (GTF_reading | GTF_writing);
}

/* Of the entry at a place, but for U and bits that only Xen gives a meaning. */
static void fact_entry(const char *name, unsigned at)
{
    u64 e = w.l1[at];

    fact(name, "%lx nx %d avail %lu",
         (ul)(e & (PTE_P | PTE_RW | PTE_A | PTE_D | PTE_PWT | PTE_PCD)), (int)(e >> 63),
         (ul)(e >> 9 & 7));
}

static void test_linear(void)
{
    struct gnttab_map_grant_ref m = map("linear", 0, GNTMAP_host_map, place(0));
    volatile u64 *at = (void *)place(0);

    check_num("linear-status", m.status, GNTST_okay);
    fact_entry("linear-entry", 0);
    check_true("linear-bus-address", m.dev_bus_addr == PTE_MFN(w.l1[0]) << PAGE_SHIFT);
    check_true("linear-is-the-page", m.dev_bus_addr == maddr_of(page[0]));
    check_hex("linear-read", at[0], 0x1000);
    at[1] = 0x2222;
    check_hex("linear-written", page[0][1], 0x2222);
    check_num("linear-in-use", use_of(0), GTF_reading | GTF_writing);
    check_true("linear-m2p", M2P[PTE_MFN(w.l1[0])] == pfn_of(page[0]));
    check_num("linear-wrong-place", unmap("unmap-wrong-place", place(7), 0, m.handle),
              GNTST_general_error);
    check_num("linear-other-page", unmap("unmap-other-page", (ul)page[1], 0, m.handle),
              GNTST_general_error);
    check_num("linear-no-place", unmap("unmap-no-place", BAD_POINTER, 0, m.handle),
              GNTST_general_error);
    check_num("linear-nothing", unmap("unmap-nothing", 0, 0, m.handle), GNTST_okay);
    check_hex("linear-still-there", at[0], 0x1000);
    check_num("linear-unmap", unmap("unmap", place(0), 0, m.handle), GNTST_okay);
    check_hex("linear-entry-gone", w.l1[0], 0);
    PROBE_READ(at);
    check_trap("linear-gone", X_PF, 0);
    check_num("linear-not-in-use", use_of(0), 0);
    check_num("linear-again", unmap("unmap-again", place(0), 0, m.handle), GNTST_bad_handle);
}

static void test_rights(void)
{
    struct gnttab_map_grant_ref m = map("readonly", 1, GNTMAP_host_map | GNTMAP_readonly, place(1));
    volatile u64 *at = (void *)place(1);

    fact_entry("readonly-entry", 1);
    check_hex("readonly-read", at[0], 0x1001);
    PROBE_WRITE(at);
    check_trap("readonly-write", X_PF, 3);
    check_num("readonly-in-use", use_of(1), GTF_reading);
    unmap("readonly-unmap", place(1), 0, m.handle);
    check_num("readonly-not-in-use", use_of(1), 0);

    table[FIRST_REF + 1].flags = GTF_permit_access | GTF_readonly;
    m = map("granted-readonly", 1, GNTMAP_host_map, place(1));
    check_num("granted-readonly-status", m.status, GNTST_general_error);
    check_hex("granted-readonly-no-entry", w.l1[1], 0);
    m = map("granted-readonly-2", 1, GNTMAP_host_map | GNTMAP_readonly, place(1));
    check_num("granted-readonly-2-status", m.status, GNTST_okay);
    unmap("granted-readonly-unmap", place(1), 0, m.handle);
    table[FIRST_REF + 1].flags = GTF_permit_access;

    m = map("application", 1, GNTMAP_host_map | GNTMAP_application_map, place(1));
    check_true("application-user", w.l1[1] & PTE_US);
    unmap("application-unmap", place(1), 0, m.handle);
    m = map("avail", 1, GNTMAP_host_map | 5u << _GNTMAP_guest_avail0, place(1));
    fact_entry("avail-entry", 1);
    unmap("avail-unmap", place(1), 0, m.handle);
}

static void test_by_entry(void)
{
    u64 at = maddr_of(&w.l1[2]);
    struct gnttab_map_grant_ref m = map("by-entry", 2, GNTMAP_host_map | GNTMAP_contains_pte, at);
    volatile u64 *va = (void *)place(2);

    check_hex("by-entry-read", va[0], 0x1002);
    fact_entry("by-entry-entry", 2);
    unmap("by-entry-by-address", place(2), 0, m.handle);
    unmap("by-entry-other", at + 8, 0, m.handle);
    check_num("by-entry-unmap", unmap("by-entry-gone", at, 0, m.handle), GNTST_okay);
    check_hex("by-entry-cleared", w.l1[2], 0);

    map("by-entry-unaligned", 2, GNTMAP_host_map | GNTMAP_contains_pte, at + 4);
    map("by-entry-in-data", 2, GNTMAP_host_map | GNTMAP_contains_pte, maddr_of(page[3]) + 8);
    check_hex("by-entry-in-data-nothing", page[3][1], 0);
    map("by-entry-in-l2", 2, GNTMAP_host_map | GNTMAP_contains_pte, maddr_of(&w.l2[5]));
    check_hex("by-entry-in-l2-nothing", w.l2[5], 0);
    map("by-entry-in-l4", 2, GNTMAP_host_map | GNTMAP_contains_pte,
        maddr_of(&kernel_top()[WINDOW(0)]));
    map("by-entry-no-frame", 2, GNTMAP_host_map | GNTMAP_contains_pte, BAD_MADDR);
    check_num("by-entry-not-in-use", use_of(2), 0);
}

static void test_device(void)
{
    struct gnttab_map_grant_ref m = map("device", 3, GNTMAP_device_map, 0);

    check_true("device-address", m.dev_bus_addr == maddr_of(page[3]));
    check_num("device-in-use", use_of(3), GTF_reading | GTF_writing);
    unmap("device-wrong", 0, m.dev_bus_addr + PAGE_SIZE, m.handle);
    unmap("device-host-only", place(3), 0, m.handle);
    check_num("device-still-in-use", use_of(3), GTF_reading | GTF_writing);
    check_num("device-unmap", unmap("device-gone", 0, m.dev_bus_addr, m.handle), GNTST_okay);
    unmap("device-again", 0, m.dev_bus_addr, m.handle);

    m = map("both", 3, GNTMAP_device_map | GNTMAP_host_map, place(3));
    unmap("both-host", place(3), 0, m.handle);
    check_hex("both-host-gone", w.l1[3], 0);
    check_num("both-still-in-use", use_of(3), GTF_reading | GTF_writing);
    unmap("both-host-again", place(3), 0, m.handle);
    unmap("both-device", 0, m.dev_bus_addr, m.handle);
    check_num("both-not-in-use", use_of(3), 0);
    unmap("both-over", 0, m.dev_bus_addr, m.handle);
}

static void test_twice(void)
{
    struct gnttab_map_grant_ref a = map("twice-1", 0, GNTMAP_host_map, place(10));
    struct gnttab_map_grant_ref b = map("twice-2", 0, GNTMAP_host_map | GNTMAP_readonly, place(11));

    check_true("twice-handles", a.handle != b.handle);
    *(volatile u64 *)place(10) = 0x3333;
    check_hex("twice-same", *(volatile u64 *)place(11), 0x3333);
    /* what the one handle has is writable, what the other has isn't */
    check_num("twice-crossed", unmap("twice-crossed-1", place(11), 0, a.handle),
              GNTST_general_error);
    unmap("twice-crossed-2", place(10), 0, b.handle);
    fact_entry("twice-crossed-10", 10);
    fact_entry("twice-crossed-11", 11);
    check_num("twice-first-over", unmap("twice-unmap-1", place(10), 0, a.handle), GNTST_okay);
    check_num("twice-one-in-use", use_of(0), GTF_reading);
    check_num("twice-second-over", unmap("twice-unmap-2", place(11), 0, b.handle), GNTST_okay);
    check_num("twice-over", use_of(0), 0);
}

static int replace(const char *name, u64 host_addr, u64 new_addr, grant_handle_t handle)
{
    struct gnttab_unmap_and_replace r = {
        .host_addr = host_addr, .new_addr = new_addr, .handle = handle, .status = UNTOUCHED};
    long rc = grant_op(GNTTABOP_unmap_and_replace, &r, 1);

    fact(name, "%ld status %d", rc, r.status);
    return r.status;
}

static void test_replace(void)
{
    struct gnttab_map_grant_ref m = map("replace-map", 1, GNTMAP_host_map, place(20));
    u64 by_entry = maddr_of(&w.l1[22]);

    /* by nothing: as unmap does it */
    check_num("replace-by-nothing", replace("replace-0", place(20), 0, m.handle), GNTST_okay);
    check_hex("replace-by-nothing-entry", w.l1[20], 0);
    m = map("replace-map-again", 1, GNTMAP_host_map, place(20));
    replace("replace-by-bad", place(20), BAD_POINTER, m.handle);
    fact_entry("replace-not-yet", 20);
    set_pte_va(place(21), maddr_of(page[3]) | PT_KERNEL, UVMF_INVLPG);
    check_num("replace-done", replace("replace", place(20), place(21), m.handle), GNTST_okay);
    check_hex("replace-there", *(volatile u64 *)place(20), 0x1003);
    check_hex("replace-from", w.l1[21], 0);
    check_num("replace-not-in-use", use_of(1), 0);
    set_pte_va(place(20), 0, UVMF_INVLPG);

    m = map("replace-entry-map", 1, GNTMAP_host_map | GNTMAP_contains_pte, by_entry);
    set_pte_va(place(21), maddr_of(page[3]) | PT_KERNEL, UVMF_INVLPG);
    replace("replace-entry", by_entry, place(21), m.handle);
    unmap("replace-entry-unmap", by_entry, 0, m.handle);
    set_pte_va(place(21), 0, UVMF_INVLPG);
    set_pte_va(place(22), 0, UVMF_INVLPG);
}

static void test_refused(void)
{
    struct gnttab_map_grant_ref m;

    m = map("no-table-there", 0, GNTMAP_host_map, NO_TABLE);
    check_num("no-table-status", m.status, GNTST_general_error);
    map("in-the-hole", 0, GNTMAP_host_map, IN_HOLE);
    check_num("no-place-not-in-use", use_of(0), 0);
    table[FIRST_REF + 9].frame = (u32)mfn_of(page[0]);
    table[FIRST_REF + 9].domid = 0;
    table[FIRST_REF + 9].flags = GTF_permit_access;
    map("for-another", 9, GNTMAP_host_map, place(0));
    table[FIRST_REF + 9].domid = self;
    table[FIRST_REF + 9].flags = 0;
    map("not-granted", 9, GNTMAP_host_map, place(0));
    table[FIRST_REF + 9].flags = GTF_accept_transfer;
    map("for-transfer", 9, GNTMAP_host_map, place(0));
    table[FIRST_REF + 9].flags = 0;
    map("no-entry", 0x7fffff00, GNTMAP_host_map, place(0));
    map("flags-none", 0, 0, place(0));
    check_hex("refused-nothing", w.l1[0], 0);
}

/* More than a batch, with entries that fail between those that don't. */
static void test_list(void)
{
    static struct gnttab_map_grant_ref m[200];
    static struct gnttab_unmap_grant_ref u[200];
    int good = 0, bad = 0, other = 0, right = 0;

    for (unsigned i = 0; i < ARRAY_LEN(m); i++)
        m[i] = mapping(i % 3 == 2 ? 0x7fffff00 : i % 3, GNTMAP_host_map, place(100 + i));
    check_rc("list", grant_op(GNTTABOP_map_grant_ref, m, ARRAY_LEN(m)), 0);
    for (unsigned i = 0; i < ARRAY_LEN(m); i++) {
        if (m[i].status == GNTST_okay) {
            good++;
            right += *(volatile u64 *)place(100 + i) == page[i % 3][0];
        } else if (m[i].status == GNTST_bad_gntref) {
            bad++;
        } else {
            other++;
        }
        u[i] = (struct gnttab_unmap_grant_ref){.host_addr = place(100 + i),
                                               .handle = m[i].status ? 0x7fffffff : m[i].handle,
                                               .status = UNTOUCHED};
    }
    check_true("list-each-its-own", good == 134 && bad == 66 && !other && right == good);
    check_rc("list-unmap", grant_op(GNTTABOP_unmap_grant_ref, u, ARRAY_LEN(u)), 0);
    good = bad = other = right = 0;
    for (unsigned i = 0; i < ARRAY_LEN(u); i++) {
        good += u[i].status == GNTST_okay;
        bad += u[i].status == GNTST_bad_handle;
        right += w.l1[100 + i] == 0;
    }
    check_true("list-unmap-each-its-own", good == 134 && bad == 66 && right == 200);
    check_num("list-not-in-use", use_of(0) | use_of(1), 0);

    /* one handle twice in a list */
    m[0] = map("list-one", 0, GNTMAP_host_map, place(0));
    u[0] = u[1] = (struct gnttab_unmap_grant_ref){.host_addr = place(0), .handle = m[0].handle};
    check_rc("list-twice", grant_op(GNTTABOP_unmap_grant_ref, u, 2), 0);
    fact("list-twice-status", "%d %d", u[0].status, u[1].status);
}

void test_main(void)
{
    prepare();
    test_linear();
    test_rights();
    test_by_entry();
    test_device();
    test_twice();
    test_replace();
    test_refused();
    test_list();
}
