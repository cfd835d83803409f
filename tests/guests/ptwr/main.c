// SPDX-License-Identifier: MIT
/*
 * Writable page tables (pv-guest-abi 4.6): with the assist on, plain instructions that write to an
 * L1 table through a read-only mapping just work, whichever instruction it is: mov of each size,
 * xchg, cmpxchg, lock btr/bts/and/or, also as two halves. The new entries are real ones. Data pages
 * that are read-only still fault, in the kernel as in user mode: a copy-on-write page is not a page
 * table. The accessed and dirty bits are the processor's.
 */
#include "ptwr.h"

#if GUEST_BITS == 64
USER_CODE(u_write, "mov %rax, (%rdi); ud2");
#else
USER_CODE(u_write, "mov %eax, (%edi); ud2");
#endif

struct window w;
u64 *data, *other;

/* Eight bytes, which 32 bits need CMPXCHG8B for. */
static void store(u64 *to, u64 value)
{
#if GUEST_BITS == 64
    PROBE("movq %1, %0", "=m"(*to), "r"(value));
#else
    PROBE("cmpxchg8b %0", LIST("+m"(*to)),
          LIST("b"((u32)value), "c"((u32)(value >> 32)), "A"(*to)));
#endif
}

u64 *va(int i)
{
    return (u64 *)(w.va + i * PAGE_SIZE);
}
void flush(void)
{
    mmuext_one(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
}

static void test_bad_values(void)
{
    store(&w.l1[5], BAD_MADDR | PT_KERNEL);
    fact_trap("no-such-frame");
    store(&w.l1[5], maddr_of(w.l1) | PT_KERNEL);
    fact_trap("writable-mapping-of-table");
    mmu_update_one(maddr_of(&w.l1[5]), 0);
    store(&w.l2[5], maddr_of(w.l1) | PT_TABLE);
    fact_trap("l2-table");
    mmu_update_one(maddr_of(&w.l2[5]), 0);
    store(&kernel_top()[WINDOW(1)], 0);
    fact_trap("top-table");
}

static void test_accessed_dirty(void)
{
    u64 pte = maddr_of(data) | PTE_P | PTE_RW;

    store(&w.l1[6], pte);
    flush();
    (void)READ_ONCE(*va(6));
    check_hex("ad-read", w.l1[6] & (PTE_A | PTE_D), PTE_A);
    WRITE_ONCE(*va(6), 0xd);
    check_hex("ad-write", w.l1[6] & (PTE_A | PTE_D), PTE_A | PTE_D);
    /* As a kernel ages pages: test and clear, then see whether it comes back. */
    asm volatile("lock btrl $5, %0" : "+m"(w.l1[6]));
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
    PROBE_WRITE(readonly);
    check_trap("data-page-faults", X_PF, 3);
    user_init();
    if (mmu_update_one(maddr_of(&user_l1[pt_index(cow, 1)]),
                       maddr_of(readonly) | PTE_P | PTE_US | PTE_A))
        panic("copy-on-write page");
    PROBE_WRITE(cow);
    check_trap("user-page-from-kernel-faults", X_PF, 3);
    ctx = user_context(user_addr(u_write));
    ctx.regs.rdi = cow;
    user_run(&ctx);
    check("user-page-from-user-faults", user_exit.entry == X_PF && user_exit.error == 7, "%s",
          trap_name(&user_exit));
    check_hex("data-unchanged", readonly[0], 0);
    /* The user's tables work with plain instructions too: what fork() does to a live process. */
    PROBE("lock btsl $1, %0", "+m"(user_l1[pt_index(cow, 1)]), NONE);
    check_trap("user-table-bts", X_NONE, 0);
    flush();
    user_run(&ctx);
    check("user-table-now-writable", user_exit.entry == X_UD, "%s", trap_name(&user_exit));
    PROBE("lock btrl $1, %0", "+m"(user_l1[pt_index(cow, 1)]), NONE);
    flush();
    user_run(&ctx);
    check("user-table-readonly-again", user_exit.entry == X_PF && user_exit.error == 7, "%s",
          trap_name(&user_exit));
}

static void test_after_unpin(void)
{
    struct window u = window_build(WINDOW(1));

    make_readonly(u.l1);
    check_rc("pinned-l1", mmuext_one(MMUEXT_PIN_L1_TABLE, mfn_of(u.l1), 0), 0);
    store(&u.l1[0], maddr_of(data) | PT_KERNEL);
    check_trap("pinned-l1-write", X_NONE, 0);
    check_rc("unpinned-l1", mmuext_one(MMUEXT_UNPIN_TABLE, mfn_of(u.l1), 0), 0);
    store(&u.l1[0], 0);
    fact_trap("unpinned-l1-write-through-readonly");
    make_writable(u.l1);
    store(&u.l1[0], 0);
    check_trap("unpinned-l1-write", X_NONE, 0);
}

void test_main(void)
{
    w = window_open(WINDOW(0));
    data = page_alloc();
    other = page_alloc();
    *data = 0xd;
    store(&w.l1[0], maddr_of(data) | PT_KERNEL);
    fact_trap("before-assist");
    check_rc("assist", hc(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), 0);
    test_instructions();
    test_sizes();
    test_bad_values();
    test_accessed_dirty();
    test_data_pages();
    test_after_unpin();
}
