// SPDX-License-Identifier: MIT
/*
 * Trees of three levels: pinning at each, and base pointers. An L3 needs an L2 of its own for its
 * last entry, in which the hypervisor has slots; PIN_L4 does nothing.
 */
#include "mmuext.h"

USER_CODE(u_ud2, "ud2");

/* An L3 that has the kernel's memory, by an L2 of its own, and maybe a window. */
static u64 *build_l3(const struct window *w, u64 **last)
{
    u64 *l3 = page_alloc(), *l2 = page_alloc();

    memcpy(l2, mfn_to_va(PTE_MFN(kernel_top()[3])), pt_index(HYPERVISOR_AT, 2) * sizeof(u64));
    l3[3] = maddr_of(l2) | PTE_P;
    if (w)
        l3[w->va >> 30] = maddr_of(w->l2) | PTE_P;
    *last = l2;
    return l3;
}

void test_pin_levels(void)
{
    struct window w = window_build(WINDOW(1));
    u64 *last, *l3 = build_l3(&w, &last);
    struct level levels[] = {
        {"l1", MMUEXT_PIN_L1_TABLE, w.l1},
        {"l2", MMUEXT_PIN_L2_TABLE, w.l2},
        {"l3", MMUEXT_PIN_L3_TABLE, l3},
    };

    w.l1[0] = maddr_of(data) | PT_KERNEL;
    make_readonly(last);
    pin_levels(levels, ARRAY_LEN(levels));
    fact_rc("pin-l4", mmuext_one(MMUEXT_PIN_L4_TABLE, mfn_of(l3), 0));
    fact_rc("pin-l4-data", mmuext_one(MMUEXT_PIN_L4_TABLE, mfn_of(data), 0));
    fact_hex("pinned-l3-entry-flags", l3[3] & 0xfff);
    check_true("pinned-l2-has-hypervisor-slots", last[pt_index(HYPERVISOR_AT, 2)] & PTE_P);
    unpin_levels(levels, ARRAY_LEN(levels));
    fact_hex("unpinned-l3-entry-flags", l3[3] & 0xfff);
    reuse_levels(levels, ARRAY_LEN(levels));
    make_writable(last);
}

/* The rules of the last L2: it is in one L3, at the last entry, and can't be missing. */
static void test_last_l2(void)
{
    u64 *last, *other, *l3 = build_l3(NULL, &last), *without = page_alloc(),
                       *shared = build_l3(NULL, &other);

    make_readonly(last);
    make_readonly(l3);
    make_readonly(without);
    fact_rc("last-l2-missing", mmuext_one(MMUEXT_PIN_L3_TABLE, mfn_of(without), 0));
    check_rc("last-l2-pin", mmuext_one(MMUEXT_PIN_L3_TABLE, mfn_of(l3), 0), 0);
    shared[3] = maddr_of(last) | PTE_P;
    make_readonly(shared);
    fact_rc("last-l2-shared", mmuext_one(MMUEXT_PIN_L3_TABLE, mfn_of(shared), 0));
    fact_rc("last-l2-shared-unpin", mmuext_one(MMUEXT_UNPIN_TABLE, mfn_of(shared), 0));
    fact_rc("last-l2-elsewhere",
            mmu_update_one(maddr_of(&kernel_top()[WINDOW(1)]), maddr_of(last) | PTE_P));
    fact_rc("last-l2-elsewhere-off", mmu_update_one(maddr_of(&kernel_top()[WINDOW(1)]), 0));
    fact_rc("last-l2-as-l2", mmuext_one(MMUEXT_PIN_L2_TABLE, mfn_of(last), 0));
    check_rc("last-l2-unpin", mmuext_one(MMUEXT_UNPIN_TABLE, mfn_of(l3), 0), 0);
}

void test_baseptr(void)
{
    struct window w = window_build(WINDOW(1));
    u64 *old = kernel_top(), *last, *l3 = build_l3(&w, &last);

    test_last_l2();
    w.l1[0] = maddr_of(data) | PT_KERNEL;
    /* What is in the hypervisor's slots doesn't matter. */
    last[500] = UINT64_C(0xdeadbeef000);
    make_readonly(w.l1);
    make_readonly(w.l2);
    make_readonly(last);
    make_readonly(l3);
    *data = 0xd0d0;
    fact_rc("baseptr-pin", mmuext_one(MMUEXT_PIN_L3_TABLE, mfn_of(l3), 0));
    check_own_top(l3, &w);
    /* The four entries are the CPU's on real PAE; here a change counts at once. */
    check_rc("baseptr-l3-clear", mmu_update_one(maddr_of(&l3[w.va >> 30]), 0), 0);
    PROBE_READ(w.va);
    check_trap("baseptr-l3-cleared", X_PF, 0);
    check_rc("baseptr-l3-set", mmu_update_one(maddr_of(&l3[w.va >> 30]), maddr_of(w.l2) | PTE_P),
             0);
    check_hex("baseptr-l3-set-again", *(u64 *)w.va, 0xd0d0);
    leave_own_top(old, &w);
    fact_rc("baseptr-unpin", mmuext_one(MMUEXT_UNPIN_TABLE, mfn_of(l3), 0));
    check_unpinned_top(l3, old, &w);
    check_bad_top();
    fact_rc("user-baseptr", mmuext_one(MMUEXT_NEW_USER_BASEPTR, mfn_of(old), 0));
    fact_rc("user-baseptr-none", mmuext_one(MMUEXT_NEW_USER_BASEPTR, 0, 0));
    user_init();
    user_run_at(user_addr(u_ud2));
    check("user-mode-works", user_exit.entry == X_UD, "%s", trap_name(&user_exit));
}
