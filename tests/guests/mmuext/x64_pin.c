// SPDX-License-Identifier: MIT
/* Trees of four levels: pinning at each, and base pointers. */
#include "mmuext.h"

USER_CODE(u_ud2, "ud2");

void test_pin_levels(void)
{
    struct window w = window_build(301);
    u64 *l4 = page_alloc();
    struct level levels[] = {
        {"l1", MMUEXT_PIN_L1_TABLE, w.l1},
        {"l2", MMUEXT_PIN_L2_TABLE, w.l2},
        {"l3", MMUEXT_PIN_L3_TABLE, w.l3},
        {"l4", MMUEXT_PIN_L4_TABLE, l4},
    };

    w.l1[0] = maddr_of(data) | PT_KERNEL;
    l4[301] = maddr_of(w.l3) | PT_TABLE;
    pin_levels(levels, ARRAY_LEN(levels));
    unpin_levels(levels, ARRAY_LEN(levels));
    reuse_levels(levels, ARRAY_LEN(levels));
}

/* Runs on an L4 of its own, made by plain stores like fork() makes one. */
void test_baseptr(void)
{
    struct window w = window_build(302);
    u64 *old = kernel_l4(), *l4 = page_alloc();

    for (int i = 0; i < 512; i++)
        l4[i] = old[i];
    w.l1[0] = maddr_of(data) | PT_KERNEL;
    l4[302] = maddr_of(w.l3) | PT_TABLE;
    /* What is in the hypervisor's slots doesn't matter. */
    l4[260] = 0xdeadbeef000UL;
    make_readonly(w.l1);
    make_readonly(w.l2);
    make_readonly(w.l3);
    make_readonly(l4);
    *data = 0xd0d0;
    check_rc("baseptr-pin", mmuext_one(MMUEXT_PIN_L4_TABLE, mfn_of(l4), 0), 0);
    check_own_top(l4, &w);
    leave_own_top(old, &w);
    check_rc("baseptr-unpin", mmuext_one(MMUEXT_UNPIN_TABLE, mfn_of(l4), 0), 0);
    check_unpinned_top(l4, old, &w);
    check_bad_top();
    fact_rc("user-baseptr-no-such-frame", mmuext_one(MMUEXT_NEW_USER_BASEPTR, BAD_FRAME, 0));
    check_rc("user-baseptr-none", mmuext_one(MMUEXT_NEW_USER_BASEPTR, 0, 0), 0);
    user_init();
    user_run_at(user_addr(u_ud2));
    check("user-baseptr-works", user_exit.entry == X_UD, "%s", trap_name(&user_exit));
}
