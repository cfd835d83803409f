// SPDX-License-Identifier: MIT
/* Trees of four levels: pinning at each, and base pointers. */
#include "mmuext.h"

USER_CODE(u_ud2, "ud2");

void test_pin_levels(void)
{
    struct window w = window_build(301);
    u64 *l4 = page_alloc();
    struct {
        const char *name;
        unsigned cmd;
        u64 *table;
    } levels[] = {
        {"l1", MMUEXT_PIN_L1_TABLE, w.l1},
        {"l2", MMUEXT_PIN_L2_TABLE, w.l2},
        {"l3", MMUEXT_PIN_L3_TABLE, w.l3},
        {"l4", MMUEXT_PIN_L4_TABLE, l4},
    };

    w.l1[0] = maddr_of(data) | PT_KERNEL;
    l4[301] = maddr_of(w.l3) | PT_TABLE;
    for (unsigned i = 0; i < 4; i++)
        make_readonly(levels[i].table);
    for (unsigned i = 0; i < 4; i++) {
        ul mfn = mfn_of(levels[i].table);

        print("pin %s\n", levels[i].name);
        check_rc("pin-not-yet-unpin", mmuext_one(MMUEXT_UNPIN_TABLE, mfn, 0), -XEN_EINVAL);
        check_rc("pin", mmuext_one(levels[i].cmd, mfn, 0), 0);
        fact_rc("pin-again", mmuext_one(levels[i].cmd, mfn, 0));
        fact_rc("pin-at-other-level", mmuext_one(levels[(i + 1) % 4].cmd, mfn, 0));
    }
    for (int i = 3; i >= 0; i--)
        check_rc("unpin", mmuext_one(MMUEXT_UNPIN_TABLE, mfn_of(levels[i].table), 0), 0);
    for (unsigned i = 0; i < 4; i++) {
        make_writable(levels[i].table);
        levels[i].table[1] = 0x1230;
        check_hex("unpinned-is-plain-memory", levels[i].table[1], 0x1230);
    }
}

/* Runs on an L4 of its own, made by plain stores like fork() makes one. */
void test_baseptr(void)
{
    struct window w = window_build(302);
    u64 *old = kernel_l4(), *l4 = page_alloc(), cr3;

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
    check_rc("baseptr-switch", mmuext_one(MMUEXT_NEW_BASEPTR, mfn_of(l4), 0), 0);
    check_hex("baseptr-own-mapping", *(u64 *)w.va, 0xd0d0);
    asm volatile("mov %%cr3, %0" : "=r"(cr3));
    check_true("baseptr-cr3", cr3 >> 12 == mfn_of(l4));
    check_true("baseptr-m2p-there", M2P[mfn_of(data)] == pfn_of(data));
    PROBE("ud2", NONE, NONE);
    check_trap("baseptr-exceptions-work", X_UD, -1);
    check_rc("baseptr-update_va_mapping-here",
             set_pte_va(w.va + PAGE_SIZE, maddr_of(data) | PT_KERNEL, UVMF_INVLPG), 0);
    check_hex("baseptr-update_va_mapping-seen", *(u64 *)(w.va + PAGE_SIZE), 0xd0d0);
    check_rc("baseptr-back", mmuext_one(MMUEXT_NEW_BASEPTR, mfn_of(old), 0), 0);
    PROBE_READ(w.va);
    check_trap("baseptr-back-mapping-gone", X_PF, 0);
    check_rc("baseptr-unpin", mmuext_one(MMUEXT_UNPIN_TABLE, mfn_of(l4), 0), 0);
    /* A base pointer needs no pin. */
    check_rc("baseptr-unpinned", mmuext_one(MMUEXT_NEW_BASEPTR, mfn_of(l4), 0), 0);
    check_hex("baseptr-unpinned-mapping", *(u64 *)w.va, 0xd0d0);
    fact_rc("baseptr-unpinned-clear_page", mmuext_one(MMUEXT_CLEAR_PAGE, mfn_of(l4), 0));
    check_rc("baseptr-unpinned-back", mmuext_one(MMUEXT_NEW_BASEPTR, mfn_of(old), 0), 0);
    make_writable(l4);
    l4[0] = 0x1110;
    check_hex("baseptr-then-plain-memory", l4[0], 0x1110);
    fact_rc("baseptr-no-such-frame", mmuext_one(MMUEXT_NEW_BASEPTR, BAD_FRAME, 0));
    fact_rc("baseptr-plain-page", mmuext_one(MMUEXT_NEW_BASEPTR, mfn_of(data), 0));
    fact_rc("user-baseptr-no-such-frame", mmuext_one(MMUEXT_NEW_USER_BASEPTR, BAD_FRAME, 0));
    check_rc("user-baseptr-none", mmuext_one(MMUEXT_NEW_USER_BASEPTR, 0, 0), 0);
    user_init();
    user_run_at(user_addr(u_ud2));
    check("user-baseptr-works", user_exit.entry == X_UD, "%s", trap_name(&user_exit));
}
