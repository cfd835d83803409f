// SPDX-License-Identifier: MIT
/*
 * Writable page tables (pv-guest-abi 4.6): with the assist on, plain instructions that write to an
 * L1 table through a read-only mapping just work, whichever instruction it is: mov of each size,
 * xchg, cmpxchg, lock btr/bts/and/or, also as two halves. The new entries are real ones. Data pages
 * that are read-only still fault, in the kernel as in user mode: a copy-on-write page is not a page
 * table. The accessed and dirty bits are the processor's.
 */
#include "guest.h"

USER_CODE(u_write, "mov %rax, (%rdi); ud2");

static struct window w;
static u64 *data, *other;

static u64 *va(int i)
{
    return (u64 *)(w.va + i * PAGE_SIZE);
}
static void flush(void)
{
    mmuext_one(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
}

static void test_instructions(void)
{
    u64 pte = maddr_of(data) | PT_KERNEL, old;
    bool bit;

    PROBE("movq %1, %0", "=m"(w.l1[1]), "r"(pte));
    check_trap("mov", X_NONE, 0);
    check_hex("mov-usable", READ_ONCE(*va(1)), 0xd);
    old = maddr_of(other) | PT_KERNEL;
    PROBE("xchg %1, %0", LIST("+m"(w.l1[1]), "+r"(old)), NONE);
    check_trap("xchg", X_NONE, 0);
    check_true("xchg-old-frame", PTE_MFN(old) == mfn_of(data));
    flush();
    check_hex("xchg-usable", READ_ONCE(*va(1)), 0x0);
    old = w.l1[1];
    PROBE("lock cmpxchg %2, %0; setz %b1", LIST("+m"(w.l1[1]), "=&d"(old)),
          LIST("r"(pte), "a"(w.l1[1])));
    check_trap("cmpxchg", X_NONE, 0);
    check_num("cmpxchg-equal", old & 1, 1);
    flush();
    check_hex("cmpxchg-usable", READ_ONCE(*va(1)), 0xd);
    PROBE("xor %%edx, %%edx; lock cmpxchg %2, %0; setz %b1", LIST("+m"(w.l1[1]), "=&d"(old)),
          LIST("r"(0UL), "a"(0UL)));
    check_num("cmpxchg-unequal", old & 1, 0);
    check_true("cmpxchg-unequal-unchanged", PTE_MFN(w.l1[1]) == mfn_of(data));
    PROBE("lock btrq $1, %0; setc %1", LIST("+m"(w.l1[1]), "=r"(bit)), NONE);
    check_trap("btr", X_NONE, 0);
    check_true("btr-old-bit", bit);
    flush();
    PROBE("mov %%rax, %0", "=m"(*va(1)), NONE);
    check_trap("btr-is-readonly-now", X_PF, 3);
    PROBE("lock btsq $1, %0; setc %1", LIST("+m"(w.l1[1]), "=r"(bit)), NONE);
    check_trap("bts", X_NONE, 0);
    check_true("bts-old-bit", !bit);
    PROBE("mov %1, %0", "=m"(*va(1)), "r"(0xdUL));
    check_trap("bts-is-writable-now", X_NONE, 0);
    PROBE("lock andq %1, %0", "+m"(w.l1[1]), "r"(~PTE_RW));
    check_trap("and", X_NONE, 0);
    PROBE("lock orq %1, %0", "+m"(w.l1[1]), "r"(PTE_RW));
    check_trap("or", X_NONE, 0);
    check_true("or-result", w.l1[1] & PTE_RW);
    PROBE("movq $0, %0", "=m"(w.l1[1]), NONE);
    check_trap("mov-immediate", X_NONE, 0);
    check_hex("mov-immediate-result", w.l1[1], 0);
    flush();
    PROBE("mov %0, %%rax", NONE, "m"(*va(1)), "rax");
    check_trap("mov-immediate-unmapped", X_PF, 0);
}

static void test_sizes(void)
{
    u64 pte = maddr_of(data) | PT_KERNEL;
    u32 *half = (u32 *)&w.l1[2];

    PROBE("movl %1, %0", "=m"(half[1]), "r"((u32)(pte >> 32)));
    check_trap("high-half", X_NONE, 0);
    PROBE("movl %1, %0", "=m"(half[0]), "r"((u32)pte));
    check_trap("low-half", X_NONE, 0);
    check_hex("halves-usable", READ_ONCE(*va(2)), 0xd);
    PROBE("movb %1, %0", "=m"(*(u8 *)&w.l1[2]), "q"((u8)(PTE_P | PTE_A)));
    check_trap("byte", X_NONE, 0);
    flush();
    check_hex("byte-usable", READ_ONCE(*va(2)), 0xd);
    PROBE("movq %1, %0", "=m"(w.l1[3]), "r"(0x7edcba9876543210UL));
    check_hex("swap-entry-verbatim", w.l1[3], 0x7edcba9876543210UL);
    PROBE("rep stosq", NONE, LIST("D"(&w.l1[16]), "a"(0UL), "c"(4UL)));
    fact_trap("rep-stosq");
    PROBE("movups %%xmm0, %0", "=m"(w.l1[20]), NONE);
    fact_trap("sixteen-bytes");
}

static void test_bad_values(void)
{
    PROBE("movq %1, %0", "=m"(w.l1[5]), "r"(0xfffffffffUL << 12 | PT_KERNEL));
    fact_trap("no-such-frame");
    PROBE("movq %1, %0", "=m"(w.l1[5]), "r"(maddr_of(w.l1) | PT_KERNEL));
    fact_trap("writable-mapping-of-table");
    mmu_update_one(maddr_of(&w.l1[5]), 0);
    PROBE("movq %1, %0", "=m"(w.l2[5]), "r"(maddr_of(w.l1) | PT_TABLE));
    fact_trap("l2-table");
    mmu_update_one(maddr_of(&w.l2[5]), 0);
    PROBE("movq %1, %0", "=m"(kernel_l4()[305]), "r"(0UL));
    fact_trap("l4-table");
}

static void test_accessed_dirty(void)
{
    u64 pte = maddr_of(data) | PTE_P | PTE_RW;

    w.l1[6] = pte;
    flush();
    (void)READ_ONCE(*va(6));
    check_hex("ad-read", w.l1[6] & (PTE_A | PTE_D), PTE_A);
    WRITE_ONCE(*va(6), 0xd);
    check_hex("ad-write", w.l1[6] & (PTE_A | PTE_D), PTE_A | PTE_D);
    /* As a kernel ages pages: test and clear, then see whether it comes back. */
    asm volatile("lock btrq $5, %0" : "+m"(w.l1[6]));
    check_hex("ad-cleared", w.l1[6] & (PTE_A | PTE_D), PTE_D);
    mmuext_one(MMUEXT_INVLPG_LOCAL, (ul)va(6), 0);
    (void)READ_ONCE(*va(6));
    check_hex("ad-back", w.l1[6] & (PTE_A | PTE_D), PTE_A | PTE_D);
}

static void test_data_pages(void)
{
    u64 *readonly = page_alloc();
    ul cow = USER_BASE + 0x180000;
    struct context ctx;

    make_readonly(readonly);
    PROBE("movq $1, %0", "=m"(readonly[0]), NONE);
    check_trap("data-page-faults", X_PF, 3);
    user_init();
    if (mmu_update_one(maddr_of(&user_l1[pt_index(cow, 1)]),
                       maddr_of(readonly) | PTE_P | PTE_US | PTE_A))
        panic("copy-on-write page");
    PROBE("movq $1, (%0)", NONE, "r"(cow));
    check_trap("user-page-from-kernel-faults", X_PF, 3);
    ctx = user_context(user_addr(u_write));
    ctx.regs.rdi = cow;
    user_run(&ctx);
    check("user-page-from-user-faults", user_exit.entry == X_PF && user_exit.error == 7, "%s",
          trap_name(&user_exit));
    check_hex("data-unchanged", readonly[0], 0);
    /* The user's tables work with plain instructions too: what fork() does to a live process. */
    PROBE("lock btsq $1, %0", "+m"(user_l1[pt_index(cow, 1)]), NONE);
    check_trap("user-table-bts", X_NONE, 0);
    flush();
    user_run(&ctx);
    check("user-table-now-writable", user_exit.entry == X_UD, "%s", trap_name(&user_exit));
    PROBE("lock btrq $1, %0", "+m"(user_l1[pt_index(cow, 1)]), NONE);
    flush();
    user_run(&ctx);
    check("user-table-readonly-again", user_exit.entry == X_PF && user_exit.error == 7, "%s",
          trap_name(&user_exit));
}

static void test_after_unpin(void)
{
    struct window u = window_build(304);

    make_readonly(u.l1);
    check_rc("pinned-l1", mmuext_one(MMUEXT_PIN_L1_TABLE, mfn_of(u.l1), 0), 0);
    PROBE("movq %1, %0", "=m"(u.l1[0]), "r"(maddr_of(data) | PT_KERNEL));
    check_trap("pinned-l1-write", X_NONE, 0);
    check_rc("unpinned-l1", mmuext_one(MMUEXT_UNPIN_TABLE, mfn_of(u.l1), 0), 0);
    PROBE("movq $0, %0", "=m"(u.l1[0]), NONE);
    fact_trap("unpinned-l1-write-through-readonly");
    make_writable(u.l1);
    PROBE("movq $0, %0", "=m"(u.l1[0]), NONE);
    check_trap("unpinned-l1-write", X_NONE, 0);
}

void test_main(void)
{
    w = window_open(303);
    data = page_alloc();
    other = page_alloc();
    *data = 0xd;
    PROBE("movq %1, %0", "=m"(w.l1[0]), "r"(maddr_of(data) | PT_KERNEL));
    fact_trap("before-assist");
    check_rc("assist", hc(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), 0);
    test_instructions();
    test_sizes();
    test_bad_values();
    test_accessed_dirty();
    test_data_pages();
    test_after_unpin();
}
