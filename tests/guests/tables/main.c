// SPDX-License-Identifier: MIT
/*
 * What it takes the hypervisor to find out whether a frame is a page table must not grow with the
 * guest's memory or with the number of its processes.  XenLinux 2.6.18 pins top tables (L4s, with
 * 32 bits L3s, each with a last L2 of its own) only, and unpins before it tears a tree down by
 * mmu_update, entry by entry: so a level-2 entry is set and cleared a thousand times in a tree that
 * is pinned nowhere and loaded nowhere, and, for comparison, in one that is pinned, with 10 and
 * with 1000 other top tables pinned.
 *
 * And whatever is remembered of tables is forgotten when they aren't tables any more: a store
 * through a read-only mapping is let through for an L1 that only its pinned top table makes one,
 * and faults as soon as it is data.
 */
#include "guest.h"

#define TOPS    1000
#define PIN_TOP (GUEST_BITS == 64 ? MMUEXT_PIN_L4_TABLE : MMUEXT_PIN_L3_TABLE)
/* A thousand times, in pieces so short that the machine is hardly ever taken away in all of them,
 * and by turns, so that a busy machine is busy for both: the shortest ones are compared. */
#define PIECE  10
#define PIECES 100

static u8 tops[TOPS][PAGE_SIZE] page_aligned;

/* The kernel's part: what has to be there for a top table to be pinned. */
#if GUEST_BITS == 64
static void add_kernel(u64 *top)
{
    top[511] = kernel_top()[511];
}
#else
static u8 last_l2s[TOPS + 2][PAGE_SIZE] page_aligned;

static void add_kernel(u64 *top)
{
    static unsigned int used;
    u64 *l2 = (u64 *)last_l2s[used++];

    memcpy(l2, mfn_to_va(PTE_MFN(kernel_top()[3])), pt_index(HYPERVISOR_AT, 2) * sizeof(u64));
    top[3] = maddr_of(l2) | PT_TOP;
    make_readonly(l2);
}
#endif

static void pin_tops(int from, int to)
{
    for (int i = from; i < to; i++) {
        u64 *top = (u64 *)tops[i];

        add_kernel(top);
        make_readonly(top);
        if (mmuext_one(PIN_TOP, mfn_of(top), 0))
            panic("pin %d", i);
    }
}

/* Some times set and clear; `best` becomes the ticks that it took if none took less before. */
static void set_and_clear(struct window *w, u64 *best)
{
    struct mmu_update set = {.ptr = maddr_of(&w->l2[7]), .val = maddr_of(w->l1) | PT_TABLE};
    struct mmu_update clear = {.ptr = set.ptr, .val = 0};
    u64 start = rdtsc(), ticks;
    long bad = 0;

    for (int i = 0; i < PIECE; i++) {
        bad |= hc(mmu_update, &set, 1, 0, DOMID_SELF);
        bad |= hc(mmu_update, &clear, 1, 0, DOMID_SELF);
    }
    ticks = rdtsc() - start;
    if (bad)
        panic("mmu_update");
    *best = ticks < *best ? ticks : *best;
}

/* A frame that no tree has leads nowhere; asking that takes no longer, either. */
static void test_time(const char *unpinned_takes_no_longer)
{
    struct window u = window_build(WINDOW(0)), p = window_build(WINDOW(1));
    u64 unpinned = ~UINT64_C(0), pinned = unpinned;

    make_readonly(p.l1);
    make_readonly(p.l2);
    if (mmuext_one(MMUEXT_PIN_L2_TABLE, mfn_of(p.l2), 0))
        panic("pin L2");
    make_readonly(u.l1);
    make_readonly(u.l2);
    for (int i = 0; i < PIECES || (unpinned >= 3 * pinned && i < 20 * PIECES); i++) {
        set_and_clear(&p, &pinned);
        set_and_clear(&u, &unpinned);
    }
    if (unpinned >= 3 * pinned)
        print("unpinned %llu, pinned %llu ticks\n", (unsigned long long)unpinned,
              (unsigned long long)pinned);
    check_true(unpinned_takes_no_longer, unpinned < 3 * pinned);
    if (mmuext_one(MMUEXT_UNPIN_TABLE, mfn_of(p.l2), 0))
        panic("unpin L2");
}

/* All of an entry at once: half of one could lead to another domain's frame. */
static void store(u64 *to, u64 value)
{
#if GUEST_BITS == 64
    PROBE("movq %1, %0", "=m"(*to), "r"(value));
#else
    u64 old = *to;

    PROBE("lock cmpxchg8b %0", LIST("+m"(*to), "+A"(old)),
          LIST("b"((u32)value), "c"((u32)(value >> 32))));
#endif
}

/* A top table of its own with an own window, made by plain stores. */
static u64 *build_tree(struct window *w, int slot)
{
    u64 *top = page_alloc();

    *w = window_build(slot);
    add_kernel(top);
    top[slot] = maddr_of(window_top(w)) | PT_TOP;
    make_readonly(w->l1);
    make_readonly(w->l2);
    if (w->l3)
        make_readonly(w->l3);
    make_readonly(top);
    return top;
}

static void test_pinned_top_only(void)
{
    u64 pte = maddr_of(page_alloc()) | PTE_P | PTE_A;
    struct window w;
    u64 *top = build_tree(&w, WINDOW(0));

    check_rc("tree-pin", mmuext_one(PIN_TOP, mfn_of(top), 0), 0);
    store(&w.l1[3], pte);
    check_trap("tree-l1-store", X_NONE, 0);
    check_true("tree-l1-stored", PTE_MFN(w.l1[3]) == PTE_MFN(pte));
    make_readonly(w.l1);
    check_rc("tree-l2-cut", mmu_update_one(maddr_of(&w.l2[0]), 0), 0);
    store(&w.l1[4], pte);
    check_trap("tree-l1-cut-off-store", X_PF, 3);
    check_rc("tree-l2-linked", mmu_update_one(maddr_of(&w.l2[1]), maddr_of(w.l1) | PT_TABLE), 0);
    store(&w.l1[4], pte);
    check_trap("tree-l1-linked-store", X_NONE, 0);
    make_readonly(w.l1);
    check_rc("tree-unpin", mmuext_one(MMUEXT_UNPIN_TABLE, mfn_of(top), 0), 0);
    store(&w.l1[5], pte);
    check_trap("tree-unpinned-l1-store", X_PF, 3);
    check_hex("tree-unpinned-l1-as-it-was", w.l1[5], 0);
    check_rc("tree-pin-again", mmuext_one(PIN_TOP, mfn_of(top), 0), 0);
    store(&w.l1[5], pte);
    check_trap("tree-pinned-again-l1-store", X_NONE, 0);
    make_readonly(w.l1);
    check_rc("tree-unpin-again", mmuext_one(MMUEXT_UNPIN_TABLE, mfn_of(top), 0), 0);
}

/* In the tree that runs, with nothing pinned of it but the L4: each level's change counts at once,
 * whatever was the level of the frame before. */
static void test_level_changes(void)
{
    struct window w = window_open(WINDOW(1));
    u64 pte = maddr_of(page_alloc()) | PT_KERNEL, *x = page_alloc();
    ul va = w.va + 0x200000 * 9UL;
    u64 *above = GUEST_BITS == 64 ? w.l3 + 9 : &kernel_top()[1];

    /* x as L1, used by update_va_mapping */
    make_readonly(x);
    check_rc("level-as-l1", mmu_update_one(maddr_of(&w.l2[9]), maddr_of(x) | PT_TABLE), 0);
    check_rc("level-as-l1-map", set_pte_va(va, pte, UVMF_NONE), 0);
    check_true("level-as-l1-readable", *(volatile u64 *)va == 0);
    check_rc("level-as-l1-cut", mmu_update_one(maddr_of(&w.l2[9]), 0), 0);
    PROBE_READ(va);
    check_trap("level-as-l1-cut-is-flushed", X_PF, 0);
    /* and as L2 */
    make_writable(x);
    memset(x, 0, PAGE_SIZE);
    x[0] = maddr_of(w.l1) | PT_TABLE;
    w.l1 = x;
    make_readonly(x);
    check_rc("level-as-l2", mmu_update_one(maddr_of(above), maddr_of(x) | PT_TOP), 0);
    va = GUEST_BITS == 64 ? w.va + (9UL << 30) : 1UL << 30;
    check_rc("level-as-l2-map", set_pte_va(va, pte, UVMF_NONE), 0);
    check_true("level-as-l2-readable", *(volatile u64 *)va == 0);
    check_rc("level-as-l2-clear", mmu_update_one(maddr_of(&x[0]), 0), 0);
    PROBE_READ(va);
    check_trap("level-as-l2-clear-is-flushed", X_PF, 0);
}

static void test_data(void)
{
    u64 *readonly = page_alloc();

    make_readonly(readonly);
    store(readonly, 1);
    check_trap("data-faults", X_PF, 3);
    check_hex("data-unchanged", readonly[0], 0);
    check_rc("data-number-like-an-entry", mmu_update_one(maddr_of(readonly), (u64)BAD_FRAME << 12),
             0);
}

void test_main(void)
{
    hc(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0);
    fact("nr_pages", "%lu", start_info->nr_pages);
    check_rc("assist", hc(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), 0);
    pin_tops(0, 10);
    test_time("unpinned-takes-no-longer-with-10");
    test_pinned_top_only();
    test_level_changes();
    pin_tops(10, TOPS);
    test_time("unpinned-takes-no-longer-with-1000");
    test_pinned_top_only();
    test_data();
}
