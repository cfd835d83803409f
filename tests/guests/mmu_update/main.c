// SPDX-License-Identifier: MIT
/*
 * HYPERVISOR_mmu_update (pv-guest-abi 2.2, 5.3): every command on entries of every level and on
 * plain memory; non-present entries are kept bit for bit; PRESERVE_AD keeps what the processor set
 * meanwhile; a change above L1 is in force at once; the count of what was done, also when an entry
 * in the middle fails; and which requests are errors.
 */
#include "event.h"
#include "guest.h"

#define SWAP_ENTRY UINT64_C(0x7edcba9876543210) /* not present: bit 0 clear */

#define SOFTWARE_HIGH (UINT64_C(0xf) << 53)

static struct window w;
static u64 *data;

static u64 l1_ptr(int i)
{
    return maddr_of(&w.l1[i]);
}

static bool readable(ul va)
{
    PROBE_READ(va);
    return last_trap.entry == X_NONE;
}

static void test_normal(void)
{
    check_rc("normal-map", mmu_update_one(l1_ptr(0), maddr_of(data) | PT_KERNEL), 0);
    check_true("normal-frame", PTE_MFN(w.l1[0]) == mfn_of(data));
    check_hex("normal-flags-asked-for", w.l1[0] & PT_KERNEL, PT_KERNEL);
    fact_hex("normal-flags-added", w.l1[0] & ~(PT_KERNEL | PTE_FRAME));
    *data = 0x1234;
    check_hex("normal-readable", *(u64 *)w.va, 0x1234);
    *(u64 *)w.va = 0x5678;
    check_hex("normal-writable", *data, 0x5678);
    check_rc("normal-swap-entry", mmu_update_one(l1_ptr(1), SWAP_ENTRY), 0);
    check_hex("normal-swap-entry-verbatim", w.l1[1], SWAP_ENTRY);
    check_rc("normal-software-bits",
             mmu_update_one(l1_ptr(2), maddr_of(data) | PTE_P | PTE_A | 0xe00 | SOFTWARE_HIGH), 0);
    check_hex("normal-software-bits-kept", w.l1[2] & (0xe00 | SOFTWARE_HIGH),
              0xe00 | SOFTWARE_HIGH);
    check_rc("normal-user-entry",
             mmu_update_one(l1_ptr(3), maddr_of(data) | PTE_P | PTE_US | PTE_A), 0);
    fact_hex("normal-user-entry-flags", w.l1[3] & ~PTE_FRAME);
    check_rc("normal-nx", mmu_update_one(l1_ptr(4), maddr_of(data) | PTE_P | PTE_NX), 0);
    check_hex("normal-nx-kept", w.l1[4] & PTE_NX, PTE_NX);
    check_rc("normal-clear", mmu_update_one(l1_ptr(2), 0), 0);
    check_hex("normal-clear-verbatim", w.l1[2], 0);
    data[5] = 0;
    check_rc("normal-plain-memory",
             mmu_update_one(maddr_of(&data[5]), UINT64_C(0xfedcba9876543210)), 0);
    check_hex("normal-plain-memory-raw", data[5], UINT64_C(0xfedcba9876543210));
}

static void test_preserve_ad(void)
{
    u64 *e = &w.l1[8];
    ul va = w.va + 8 * PAGE_SIZE;
    u64 pte = maddr_of(data) | PTE_P | PTE_RW;

    check_rc("ad-map", mmu_update_one(l1_ptr(8), pte), 0);
    check_hex("ad-clear", *e & (PTE_A | PTE_D), 0);
    (void)READ_ONCE(*(u64 *)va);
    check_hex("ad-after-read", READ_ONCE(*e) & (PTE_A | PTE_D), PTE_A);
    WRITE_ONCE(*(u64 *)va, 1);
    check_hex("ad-after-write", READ_ONCE(*e) & (PTE_A | PTE_D), PTE_A | PTE_D);
    check_rc("ad-preserve", mmu_update_one(l1_ptr(8) | MMU_PT_UPDATE_PRESERVE_AD, pte), 0);
    check_hex("ad-preserved", *e & (PTE_A | PTE_D), PTE_A | PTE_D);
    check_rc("ad-preserve-readonly",
             mmu_update_one(l1_ptr(8) | MMU_PT_UPDATE_PRESERVE_AD, pte & ~PTE_RW), 0);
    check_hex("ad-preserved-readonly", *e & (PTE_A | PTE_D | PTE_RW), PTE_A | PTE_D);
    check_rc("ad-normal", mmu_update_one(l1_ptr(8), pte), 0);
    check_hex("ad-normal-clears", *e & (PTE_A | PTE_D), 0);
    fact_rc("no-translate", mmu_update_one(l1_ptr(8) | MMU_PT_UPDATE_NO_TRANSLATE, pte));
}

static void test_machphys(void)
{
    ul mfn = mfn_of(data), pfn = pfn_of(data);

    check_rc("m2p-update", mmu_update_one((u64)mfn << 12 | MMU_MACHPHYS_UPDATE, pfn + 7), 0);
    check_true("m2p-updated", M2P[mfn] == pfn + 7);
    check_rc("m2p-restore", mmu_update_one((u64)mfn << 12 | MMU_MACHPHYS_UPDATE, pfn), 0);
    check_true("m2p-restored", M2P[mfn] == pfn);
    check_rc("m2p-no-such-frame", mmu_update_one(BAD_MADDR | MMU_MACHPHYS_UPDATE, 1), -XEN_EINVAL);
}

/* Clears an entry of an upper level, and sets it again. */
static void test_level(const char *level, u64 *entry, u64 value)
{
    print("level %s\n", level);
    check_rc("upper-clear", mmu_update_one(maddr_of(entry), 0), 0);
    check_true("upper-clear-is-flushed", !readable(w.va));
    check_rc("upper-set", mmu_update_one(maddr_of(entry), value), 0);
    check_true("upper-set-readable", readable(w.va));
}

static void test_upper_levels(void)
{
    u64 l2e = maddr_of(w.l1) | PT_TABLE;
    u64 *top = kernel_top();
    int slot = pt_index(w.va, TOP_LEVEL);

    check_true("upper-readable", readable(w.va));
    test_level("2", w.l2, l2e);
#if GUEST_BITS == 64
    test_level("3", w.l3, maddr_of(w.l2) | PT_TABLE);
#endif
    test_level("top", &top[slot], maddr_of(window_top(&w)) | PT_TOP);
    check_rc("upper-l2-swap-entry", mmu_update_one(maddr_of(&w.l2[5]), SWAP_ENTRY), 0);
    check_hex("upper-l2-swap-entry-verbatim", w.l2[5], SWAP_ENTRY);
    /* The same L1 twice, without the U bit that a kernel table doesn't need. */
    check_rc("upper-l2-without-user-bit", mmu_update_one(maddr_of(&w.l2[1]), l2e & ~PTE_US), 0);
    check_true("upper-l2-without-user-bit-usable", readable(w.va + 0x200000));
    check_rc("upper-l2-readonly", mmu_update_one(maddr_of(&w.l2[1]), l2e & ~(PTE_US | PTE_RW)), 0);
    PROBE_WRITE(w.va + 0x200000);
    check_trap("upper-l2-readonly-write", X_PF, 3);
#if GUEST_BITS == 64
    check_true("upper-l4-hypervisor-slot-kept",
               mmu_update_one(maddr_of(&top[256]), 0) != 0 || M2P[mfn_of(data)] == pfn_of(data));
    fact_rc("upper-l4-hypervisor-slot", mmu_update_one(maddr_of(&top[262]), 0));
#else
    u64 *last = mfn_to_va(PTE_MFN(top[3]));

    fact_rc("upper-l2-hypervisor-slot",
            mmu_update_one(maddr_of(&last[pt_index(HYPERVISOR_AT, 2)]), 0));
    fact_rc("upper-l2-hypervisor-slot-to-l1", mmu_update_one(maddr_of(&last[511]), l2e));
    check_true("upper-l2-hypervisor-slot-kept", M2P[mfn_of(data)] == pfn_of(data));
    fact_rc("upper-l3-slot-4", mmu_update_one(maddr_of(&top[4]), maddr_of(w.l2) | PT_TOP));
    check_hex("upper-l3-slot-4-after", top[4], 0);
    fact_rc("upper-l3-flags", mmu_update_one(maddr_of(&top[slot]), maddr_of(w.l2) | PT_TABLE));
    fact_hex("upper-l3-flags-after", top[slot] & 0xfff);
    fact_rc("upper-l3-nx", mmu_update_one(maddr_of(&top[slot]), maddr_of(w.l2) | PTE_P | PTE_NX));
    check_rc("upper-l3-back", mmu_update_one(maddr_of(&top[slot]), maddr_of(w.l2) | PTE_P), 0);
    fact_rc("upper-l3-last-slot", mmu_update_one(maddr_of(&top[3]), maddr_of(w.l2) | PTE_P));
    fact_rc("upper-l3-last-slot-clear", mmu_update_one(maddr_of(&top[3]), 0));
#endif
}

/* A table built with plain stores becomes part of the tree by being linked; no pin. */
static void test_link_promotes(void)
{
    u64 *l1 = page_alloc();

    l1[3] = maddr_of(data) | PT_KERNEL;
    l1[4] = SWAP_ENTRY;
    make_readonly(l1);
    check_rc("link-l1", mmu_update_one(maddr_of(&w.l2[9]), maddr_of(l1) | PT_TABLE), 0);
    *data = 77;
    check_num("link-old-entry-works", *(u64 *)(w.va + 9 * 0x200000UL + 3 * PAGE_SIZE), 77);
    check_hex("link-swap-entry-verbatim", l1[4], SWAP_ENTRY);
    check_rc("link-new-entry", mmu_update_one(maddr_of(&l1[5]), maddr_of(data) | PT_KERNEL), 0);
    check_num("link-new-entry-works", *(u64 *)(w.va + 9 * 0x200000UL + 5 * PAGE_SIZE), 77);
    check_rc("link-cut", mmu_update_one(maddr_of(&w.l2[9]), 0), 0);
    make_writable(l1);
    l1[3] = 0x55;
    check_hex("link-cut-is-plain-memory", l1[3], 0x55);
}

static void test_counts(void)
{
    struct mmu_update reqs[3] = {
        {.ptr = l1_ptr(20), .val = maddr_of(data) | PT_KERNEL},
        {.ptr = l1_ptr(21) | 5, .val = 0},
        {.ptr = l1_ptr(22), .val = maddr_of(data) | PT_KERNEL},
    };
    u32 done = 99;

    check_rc("count-middle-fails", hc(mmu_update, reqs, 3, &done, DOMID_SELF), -XEN_ENOSYS);
    check_num("count-middle-fails-done", done, 1);
    check_true("count-before-is-done", w.l1[20] & PTE_P);
    check_true("count-after-is-not", !(w.l1[22] & PTE_P));
    reqs[1].ptr = l1_ptr(21);
    check_rc("count-all", hc(mmu_update, reqs, 3, &done, DOMID_SELF), 0);
    check_num("count-all-done", done, 3);
    done = 99;
    check_rc("count-none", hc(mmu_update, reqs, 0, &done, DOMID_SELF), 0);
    fact("count-none-done", "%u", done);
    check_rc("count-bad-pointer", hc(mmu_update, reqs, 1, BAD_POINTER, DOMID_SELF), 0);
    for (int cmd = 4; cmd < 8; cmd++)
        check_rc("command-unknown", mmu_update_one(l1_ptr(0) | cmd, 0), -XEN_ENOSYS);
    check_rc("domid-unknown", hc(mmu_update, reqs, 1, 0, 0x7000), -XEN_ESRCH);
    fact_rc("domid-xen", hc(mmu_update, reqs, 1, 0, DOMID_XEN));
    fact_rc("domid-io", hc(mmu_update, reqs, 1, 0, DOMID_IO));
}

static void test_refused(void)
{
    u64 pte = maddr_of(data) | PT_KERNEL;

    check_rc("refused-no-such-table", mmu_update_one(BAD_MADDR, pte), -XEN_EINVAL);
    check_rc("refused-no-such-frame", mmu_update_one(l1_ptr(30), BAD_MADDR | PT_KERNEL),
             -XEN_EPERM);
    fact_rc("refused-l1-pse", mmu_update_one(l1_ptr(30), pte | PTE_PSE));
    fact_rc("refused-l1-pcd", mmu_update_one(l1_ptr(30), pte | PTE_PCD));
    fact_rc("refused-l2-pse",
            mmu_update_one(maddr_of(&w.l2[30]), (pte & ~UINT64_C(0x1fffff)) | PT_TABLE | PTE_PSE));
    fact_rc("refused-l2-g", mmu_update_one(maddr_of(&w.l2[30]), maddr_of(w.l1) | PT_TABLE | PTE_G));
    fact_rc("refused-writable-mapping-of-table",
            mmu_update_one(l1_ptr(30), maddr_of(w.l1) | PT_KERNEL));
    fact_rc("refused-l2-to-data", mmu_update_one(maddr_of(&w.l2[30]), maddr_of(data) | PT_TABLE));
#if GUEST_BITS == 64
    fact_rc("refused-l3-to-l1", mmu_update_one(maddr_of(&w.l3[30]), maddr_of(w.l1) | PT_TABLE));
#else
    fact_rc("refused-l3-to-l1", mmu_update_one(maddr_of(&kernel_top()[1]), maddr_of(w.l1) | PTE_P));
#endif
    check_true("refused-left-no-trace", readable(w.va));
}

/*
 * One entry of a pinned level-1 table, the call that a kernel makes most: done or refused as above,
 * wherever the request lies, and an event that became deliverable before comes no later than by it.
 */
static void test_pinned(void)
{
    u64 *l1 = page_alloc(), pte = maddr_of(data) | PT_KERNEL;
    ul va = w.va + 11 * 0x200000UL;
    u32 port;
    int before;

    make_readonly(l1);
    check_rc("pinned-pin", mmuext_one(MMUEXT_PIN_L1_TABLE, mfn_of(l1), 0), 0);
    check_rc("pinned-link", mmu_update_one(maddr_of(&w.l2[11]), maddr_of(l1) | PT_TABLE), 0);
    check_rc("pinned-set", mmu_update_one(maddr_of(&l1[3]), pte), 0);
    *data = 88;
    check_num("pinned-works", *(u64 *)(va + 3 * PAGE_SIZE), 88);
    check_rc("pinned-swap-entry", mmu_update_one(maddr_of(&l1[4]), SWAP_ENTRY), 0);
    check_hex("pinned-swap-entry-verbatim", l1[4], SWAP_ENTRY);
    check_rc("pinned-last-entry", mmu_update_one(maddr_of(&l1[511]), pte), 0);
    check_num("pinned-last-entry-works", *(u64 *)(va + 511 * PAGE_SIZE), 88);
    check_rc("pinned-no-such-frame",
             mmu_update_one(maddr_of(&l1[4]), 0xfffffffffUL << 12 | PT_KERNEL), -XEN_EPERM);
    check_true("pinned-highest-frame",
               mmu_update_one(maddr_of(&l1[4]), 0xffffffffff000UL | PTE_P) != 0);
    check_hex("pinned-refused-left-alone", l1[4], SWAP_ENTRY);
    check_rc("pinned-no-such-table", mmu_update_one(0xfffffffffUL << 12, pte), -XEN_EINVAL);
    check_rc("pinned-request-absent", hc(mmu_update, BAD_POINTER, 1, 0, DOMID_SELF), -XEN_EFAULT);
    check_rc("pinned-request-in-the-hole", hc(mmu_update, IN_HOLE, 1, 0, DOMID_SELF), -XEN_EFAULT);
#if GUEST_BITS == 64
    check_rc("pinned-request-not-canonical", hc(mmu_update, 0x8000000000000000UL, 1, 0, DOMID_SELF),
             -XEN_EFAULT);
#endif
    check_rc("pinned-request-half-absent", hc(mmu_update, -8UL, 1, 0, DOMID_SELF), -XEN_EFAULT);

    port = evtchn_new_ipi(0);
    port_unmask_local(port);
    events_mask();
    check_rc("pinned-event-send", evtchn_send(port), 0);
    before = event_count[port];
    WRITE_ONCE(vcpu0_info->evtchn_upcall_mask, 0);
    check_rc("pinned-event-set", mmu_update_one(maddr_of(&l1[5]), pte), 0);
    check_num("pinned-event-came", event_count[port] - before, 1);
    check_true("pinned-event-set-done", l1[5] & PTE_P);
    evtchn_close(port);
}

void test_main(void)
{
    w = window_open(WINDOW(0));
    data = page_alloc();
    test_normal();
    test_preserve_ad();
    test_machphys();
    test_upper_levels();
    test_link_promotes();
    test_counts();
    test_refused();
    test_pinned();
}
