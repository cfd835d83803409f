// SPDX-License-Identifier: MIT
/*
 * A kernel that asks for as little as it can: no HYPERCALL_PAGE note (recent Linux and PV GRUB), so
 * each hypercall comes from its own code; no pin, ever (Mini-OS): new tables are made part of the
 * tree by being linked or loaded; and CR3 read by instruction to find the current one. Its page of
 * would-be stubs must stay as it was. Tables given up by cutting the link are plain memory again.
 */
#include "minimal.h"

ul read_cr3(void)
{
    ul v;

    asm volatile("mov %%cr3, %0" : "=r"(v));
    return mfn_of_cr3(v);
}

static void test_no_page(void)
{
    int untouched = 0;

    for (int i = 0; i < 4096; i++)
        untouched += hypercall_page[i] == 0xc3;
    check_num("page-untouched", untouched, 4096);
    check_rc("hypercall-anywhere", hc(xen_version, XENVER_pagesize, 0), 4096);
}

static void test_grow(void)
{
    struct window w = window_open(WINDOW(1));
    u64 *data = page_alloc(), *l1 = page_alloc(), *l2 = page_alloc();

    *data = 1;
    check_rc("grow-map", mmu_update_one(maddr_of(&w.l1[7]), maddr_of(data) | PT_KERNEL), 0);
    check_num("grow-mapped", *(u64 *)(w.va + 7 * PAGE_SIZE), 1);
    /* Top down: an empty L2 first, then an empty L1 into it, then the page. */
    make_readonly(l2);
#if GUEST_BITS == 64
    u64 *top = &w.l3[1];
    ul va = w.va + (1UL << 30);
#else
    u64 *top = &kernel_top()[0];
    ul va = 0;
#endif
    check_rc("grow-empty-l2", mmu_update_one(maddr_of(top), maddr_of(l2) | PT_TOP), 0);
    make_readonly(l1);
    check_rc("grow-empty-l1", mmu_update_one(maddr_of(&l2[3]), maddr_of(l1) | PT_TABLE), 0);
    check_rc("grow-page", mmu_update_one(maddr_of(&l1[5]), maddr_of(data) | PT_KERNEL), 0);
    check_num("grow-usable", *(u64 *)(va + (3UL << 21) + (5UL << 12)), 1);
    check_rc("grow-cut", mmu_update_one(maddr_of(top), 0), 0);
    make_writable(l2);
    make_writable(l1);
    l1[0] = l2[0] = 0x770;
    check_hex("grow-cut-plain-memory", l1[0] + l2[0], 0xee0);
}

void test_main(void)
{
    test_no_page();
    test_grow();
    test_base();
    test_user();
}
