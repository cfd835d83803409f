// SPDX-License-Identifier: MIT
/*
 * HYPERVISOR_mmuext_op, every command (pv-guest-abi 2.3): pin and unpin at each level, what a
 * pinned tree built by plain stores must do, base pointers of kernel and user, TLB flushes with
 * their masks, SET_LDT's neighbours, CLEAR_PAGE and COPY_PAGE, the cache and superpage commands,
 * and errors. Counts of a list that fails in the middle.
 */
#include "mmuext.h"

u64 *data;

void pin_levels(const struct level *levels, int n)
{
    for (int i = 0; i < n; i++)
        make_readonly(levels[i].table);
    for (int i = 0; i < n; i++) {
        ul mfn = mfn_of(levels[i].table);

        print("pin %s\n", levels[i].name);
        check_rc("pin-not-yet-unpin", mmuext_one(MMUEXT_UNPIN_TABLE, mfn, 0), -XEN_EINVAL);
        check_rc("pin", mmuext_one(levels[i].cmd, mfn, 0), 0);
        fact_rc("pin-again", mmuext_one(levels[i].cmd, mfn, 0));
        fact_rc("pin-at-other-level", mmuext_one(levels[(i + 1) % n].cmd, mfn, 0));
    }
}

void unpin_levels(const struct level *levels, int n)
{
    while (n--)
        check_rc("unpin", mmuext_one(MMUEXT_UNPIN_TABLE, mfn_of(levels[n].table), 0), 0);
}

void reuse_levels(const struct level *levels, int n)
{
    for (int i = 0; i < n; i++) {
        make_writable(levels[i].table);
        levels[i].table[1] = 0x1230;
        check_hex("unpinned-is-plain-memory", levels[i].table[1], 0x1230);
    }
}

void check_own_top(const u64 *top, const struct window *w)
{
    ul cr3;

    check_rc("baseptr-switch", mmuext_one(MMUEXT_NEW_BASEPTR, mfn_of(top), 0), 0);
    check_hex("baseptr-own-mapping", *(u64 *)w->va, 0xd0d0);
    asm volatile("mov %%cr3, %0" : "=r"(cr3));
    check_true("baseptr-cr3", mfn_of_cr3(cr3) == mfn_of(top));
    check_true("baseptr-m2p-there", M2P[mfn_of(data)] == pfn_of(data));
    PROBE("ud2", NONE, NONE);
    check_trap("baseptr-exceptions-work", X_UD, -1);
    check_rc("baseptr-update_va_mapping-here",
             set_pte_va(w->va + PAGE_SIZE, maddr_of(data) | PT_KERNEL, UVMF_INVLPG), 0);
    check_hex("baseptr-update_va_mapping-seen", *(u64 *)(w->va + PAGE_SIZE), 0xd0d0);
}

void leave_own_top(const u64 *old, const struct window *w)
{
    check_rc("baseptr-back", mmuext_one(MMUEXT_NEW_BASEPTR, mfn_of(old), 0), 0);
    PROBE_READ(w->va);
    check_trap("baseptr-back-mapping-gone", X_PF, 0);
}

void check_unpinned_top(u64 *top, const u64 *old, const struct window *w)
{
    check_rc("baseptr-unpinned", mmuext_one(MMUEXT_NEW_BASEPTR, mfn_of(top), 0), 0);
    check_hex("baseptr-unpinned-mapping", *(u64 *)w->va, 0xd0d0);
    fact_rc("baseptr-unpinned-clear_page", mmuext_one(MMUEXT_CLEAR_PAGE, mfn_of(top), 0));
    check_rc("baseptr-unpinned-back", mmuext_one(MMUEXT_NEW_BASEPTR, mfn_of(old), 0), 0);
    make_writable(top);
    top[0] = 0x1110;
    check_hex("baseptr-then-plain-memory", top[0], 0x1110);
}

void check_bad_top(void)
{
    fact_rc("baseptr-no-such-frame", mmuext_one(MMUEXT_NEW_BASEPTR, BAD_FRAME, 0));
    fact_rc("baseptr-plain-page", mmuext_one(MMUEXT_NEW_BASEPTR, mfn_of(data), 0));
}

static void test_pin_errors(void)
{
    u64 *rw = page_alloc(), *bad = page_alloc();

    check_rc("pin-no-such-frame", mmuext_one(MMUEXT_PIN_L1_TABLE, BAD_FRAME, 0), -XEN_EINVAL);
    check_rc("unpin-no-such-frame", mmuext_one(MMUEXT_UNPIN_TABLE, BAD_FRAME, 0), -XEN_EINVAL);
    fact_rc("pin-writable-page", mmuext_one(MMUEXT_PIN_L1_TABLE, mfn_of(rw), 0));
    bad[0] = BAD_MADDR | PT_KERNEL;
    make_readonly(bad);
    fact_rc("pin-bad-entry", mmuext_one(MMUEXT_PIN_L1_TABLE, mfn_of(bad), 0));
}

static void test_flushes(void)
{
    static ul mask = 1, many[4] = {1, 0, 0, 0};

    check_rc("flush-tlb-local", mmuext_one(MMUEXT_TLB_FLUSH_LOCAL, 0, 0), 0);
    check_rc("flush-invlpg-local", mmuext_one(MMUEXT_INVLPG_LOCAL, (ul)data, 0), 0);
    check_rc("flush-tlb-multi", mmuext_one(MMUEXT_TLB_FLUSH_MULTI, 0, (ul)&mask), 0);
    check_rc("flush-invlpg-multi", mmuext_one(MMUEXT_INVLPG_MULTI, (ul)data, (ul)&mask), 0);
    mask = 0;
    check_rc("flush-tlb-multi-none", mmuext_one(MMUEXT_TLB_FLUSH_MULTI, 0, (ul)&mask), 0);
    mask = ~0UL;
    check_rc("flush-tlb-multi-more-than-exist", mmuext_one(MMUEXT_TLB_FLUSH_MULTI, 0, (ul)&mask),
             0);
    check_rc("flush-tlb-multi-long", mmuext_one(MMUEXT_TLB_FLUSH_MULTI, 0, (ul)many), 0);
    fact_rc("flush-tlb-multi-bad-pointer", mmuext_one(MMUEXT_TLB_FLUSH_MULTI, 0, BAD_POINTER));
    check_rc("flush-tlb-all", mmuext_one(MMUEXT_TLB_FLUSH_ALL, 0, 0), 0);
    check_rc("flush-invlpg-all", mmuext_one(MMUEXT_INVLPG_ALL, (ul)data, 0), 0);
#if GUEST_BITS == 64
    fact_rc("flush-invlpg-noncanonical", mmuext_one(MMUEXT_INVLPG_LOCAL, 0x800000000000UL, 0));
    fact_rc("set_ldt-noncanonical", mmuext_one(MMUEXT_SET_LDT, 0x1000000000000UL, 1));
#else
    fact_rc("flush-invlpg-hypervisor", mmuext_one(MMUEXT_INVLPG_LOCAL, IN_HYPERVISOR, 0));
#endif
    fact_rc("set_ldt-hypervisor", mmuext_one(MMUEXT_SET_LDT, (ul)M2P, 1));
    fact_rc("flush-cache", mmuext_one(MMUEXT_FLUSH_CACHE, 0, 0));
    fact_rc("flush-cache-global", mmuext_one(MMUEXT_FLUSH_CACHE_GLOBAL, 0, 0));
}

/* The mask's last byte may be the last of its page. */
static void test_mask_at_page_end(void)
{
    u8 *page = page_alloc();

    if ((u8 *)page_alloc() != page + PAGE_SIZE || set_pte_va((ul)page + PAGE_SIZE, 0, UVMF_INVLPG))
        panic("guard page");
    page[PAGE_SIZE - sizeof(ul)] = 1;
    check_rc("flush-multi-mask-at-page-end",
             mmuext_one(MMUEXT_TLB_FLUSH_MULTI, 0, (ul)page + PAGE_SIZE - sizeof(ul)), 0);
}

static void test_pages(void)
{
    u64 *to = page_alloc();

    to[0] = 1, to[511] = 2;
    check_rc("clear_page", mmuext_one(MMUEXT_CLEAR_PAGE, mfn_of(to), 0), 0);
    check_true("clear_page-done", !to[0] && !to[511]);
    data[0] = 3, data[511] = 4;
    check_rc("copy_page", mmuext_one(MMUEXT_COPY_PAGE, mfn_of(to), mfn_of(data)), 0);
    check_true("copy_page-done", to[0] == 3 && to[511] == 4);
    check_rc("clear_page-no-such-frame", mmuext_one(MMUEXT_CLEAR_PAGE, BAD_FRAME, 0), -XEN_EINVAL);
    check_rc("copy_page-no-such-source", mmuext_one(MMUEXT_COPY_PAGE, mfn_of(to), BAD_FRAME),
             -XEN_EINVAL);
    fact_rc("clear_page-of-table", mmuext_one(MMUEXT_CLEAR_PAGE, mfn_of(kernel_top()), 0));
    fact_rc("mark_super", mmuext_one(MMUEXT_MARK_SUPER, mfn_of(data) & ~511UL, 0));
    fact_rc("unmark_super", mmuext_one(MMUEXT_UNMARK_SUPER, mfn_of(data) & ~511UL, 0));
}

static void test_list(void)
{
    struct mmuext_op list[3] = {
        {.cmd = MMUEXT_TLB_FLUSH_LOCAL}, {.cmd = 77}, {.cmd = MMUEXT_TLB_FLUSH_LOCAL}};
    u32 done = 99;

    check_rc("list-unknown-command", hc(mmuext_op, list, 3, &done, DOMID_SELF), -XEN_ENOSYS);
    check_num("list-done", done, 1);
    check_rc("list-two", hc(mmuext_op, list, 1, &done, DOMID_SELF), 0);
    check_num("list-two-done", done, 1);
    check_rc("list-domid-unknown", hc(mmuext_op, list, 1, 0, 0x7000), -XEN_ESRCH);
}

void test_main(void)
{
    data = page_alloc();
    test_pin_levels();
    test_pin_errors();
    test_baseptr();
    test_flushes();
    test_mask_at_page_end();
    test_pages();
    test_list();
}
