// SPDX-License-Identifier: MIT
/*
 * A kernel that asks for as little as it can: no HYPERCALL_PAGE note (recent Linux and PV GRUB), so
 * each SYSCALL comes from its own code; no pin, ever (Mini-OS): new tables are made part of the
 * tree by being linked or loaded; and CR3 read by instruction to find the current one. Its page of
 * would-be stubs must stay as it was. Tables given up by cutting the link are plain memory again.
 */
#include "guest.h"

USER_CODE(u_ud2, "ud2");

static u64 read_cr3(void)
{
    u64 v;

    asm volatile("mov %%cr3, %0" : "=r"(v));
    return v >> PAGE_SHIFT;
}

static void test_no_page(void)
{
    int untouched = 0;

    for (int i = 0; i < 4096; i++)
        untouched += hypercall_page[i] == 0xc3;
    check_num("page-untouched", untouched, 4096);
    check_rc("syscall-anywhere", hc(xen_version, XENVER_pagesize, 0), 4096);
}

static void test_grow(void)
{
    struct window w = window_open(310);
    u64 *data = page_alloc(), *l1 = page_alloc(), *l2 = page_alloc();

    *data = 1;
    check_rc("grow-map", mmu_update_one(maddr_of(&w.l1[7]), maddr_of(data) | PT_KERNEL), 0);
    check_num("grow-mapped", *(u64 *)(w.va + 7 * PAGE_SIZE), 1);
    /* Top down: an empty L2 first, then an empty L1 into it, then the page. */
    make_readonly(l2);
    check_rc("grow-empty-l2", mmu_update_one(maddr_of(&w.l3[1]), maddr_of(l2) | PT_TABLE), 0);
    make_readonly(l1);
    check_rc("grow-empty-l1", mmu_update_one(maddr_of(&l2[3]), maddr_of(l1) | PT_TABLE), 0);
    check_rc("grow-page", mmu_update_one(maddr_of(&l1[5]), maddr_of(data) | PT_KERNEL), 0);
    check_num("grow-usable", *(u64 *)(w.va + (1UL << 30) + (3UL << 21) + (5UL << 12)), 1);
    check_rc("grow-cut", mmu_update_one(maddr_of(&w.l3[1]), 0), 0);
    make_writable(l2);
    make_writable(l1);
    l1[0] = l2[0] = 0x770;
    check_hex("grow-cut-plain-memory", l1[0] + l2[0], 0xee0);
}

static void test_base(void)
{
    u64 *old = kernel_l4(), *l4 = page_alloc();

    check_true("cr3-is-initial", read_cr3() == mfn_of(old));
    memcpy(l4, old, PAGE_SIZE);
    make_readonly(l4);
    check_rc("base-load", mmuext_one(MMUEXT_NEW_BASEPTR, mfn_of(l4), 0), 0);
    check_true("base-cr3", read_cr3() == mfn_of(l4));
    check_true("base-m2p", M2P[mfn_of(l4)] == pfn_of(l4));
    /* The hypervisor's part is there although the copy was made by plain stores. */
    PROBE("ud2", NONE, NONE);
    check_trap("base-exceptions", X_UD, -1);
    asm volatile("mov %0, %%cr3" ::"r"((u64)mfn_of(old) << PAGE_SHIFT) : "memory");
    check_true("base-back-by-mov-cr3", read_cr3() == mfn_of(old));
    make_writable(l4);
    l4[511] = 0x1230;
    check_hex("base-plain-memory", l4[511], 0x1230);
}

/* As user_init(), but the user L4 is loaded without having been pinned. */
static void test_user(void)
{
    u64 *l4 = page_alloc();

    user_init();
    memcpy(l4, user_l4, PAGE_SIZE);
    make_readonly(l4);
    check_rc("user-load", mmuext_one(MMUEXT_NEW_USER_BASEPTR, mfn_of(l4), 0), 0);
    user_run_at(user_addr(u_ud2));
    check("user-runs", user_exit.entry == X_UD && TRAP_FROM_USER(&user_exit), "%s",
          trap_name(&user_exit));
    check_rc("user-same-as-kernel", mmuext_one(MMUEXT_NEW_USER_BASEPTR, mfn_of(kernel_l4()), 0), 0);
    user_run_at(user_addr(u_ud2));
    check("user-runs-on-kernel's", user_exit.entry == X_UD && TRAP_FROM_USER(&user_exit), "%s",
          trap_name(&user_exit));
}

void test_main(void)
{
    test_no_page();
    test_grow();
    test_base();
    test_user();
}
