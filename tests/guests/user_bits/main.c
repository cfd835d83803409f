// SPDX-License-Identifier: MIT
/*
 * Xen gives the U bit to every present entry of a 64-bit guest's tables (pv-guest-abi 2.2, 5.3):
 * what keeps user mode out is that its own L4 lacks the kernel's mappings. So a kernel may leave U
 * out, at any level, and may have one table for both modes, in which user mode reaches all. W, NX
 * and P count as ever; what is in the kernel's L4 only is not there for user mode, whatever bits it
 * has.
 */
#include "guest.h"

#include "second.h"

#define SLOT  3 /* of L4, in the lower half */
#define VA(n) (((ul)SLOT << 39) + (n)*PAGE_SIZE)
#define UPPER 0xffffa80000000000UL /* L4 slot 336: only in the user's L4 */
#define NO_U  (PTE_P | PTE_RW | PTE_A | PTE_D)

enum { CODE, DATA, READONLY, NO_EXEC, ABSENT, WITH_U, PAGES };

USER_CODE(u_read, "mov (%rdi), %rax; ud2");
USER_CODE(u_write, "mov %rsi, (%rdi); ud2");
USER_CODE(u_call, "call *%rdi; ud2");
USER_CODE(u_ins, "mov $0x80, %dx; insb; ud2");
USER_CODE(u_outs, "mov $0x80, %dx; outsb; ud2");
USER_CODE(u_return, "mov $0x77, %eax; ret");

static u64 *pages[PAGES], *l1, *l2, *l3;

static void check_access(const char *name, const u8 *code, u64 rdi, u64 rsi, int vector, u32 error)
{
    struct trap *t = user_run_with(code, rdi, rsi);

    check(name, t->entry == vector && (vector != X_PF || t->error == error), "%s", trap_name(t));
}

/* Fresh tables below `slot` of both L4s, or of the user's only; U is left out at the levels of the
 * mask: 2 for level 1, up to 16 for level 4. */
static void build(int slot, unsigned without, bool both)
{
    const u64 u[5] = {0, without & 2 ? 0 : PTE_US, without & 4 ? 0 : PTE_US,
                      without & 8 ? 0 : PTE_US, without & 16 ? 0 : PTE_US};
    u64 e4;

    l1 = page_alloc();
    l2 = page_alloc();
    l3 = page_alloc();
    for (int i = 0; i < PAGES; i++) {
        if (!pages[i])
            pages[i] = page_alloc();
        pages[i][0] = 0x1000 + i;
        l1[i] = maddr_of(pages[i]) | NO_U | u[1];
    }
    memcpy(pages[CODE], u_return, 16);
    memcpy(pages[NO_EXEC], u_return, 16);
    l1[READONLY] &= ~PTE_RW;
    l1[NO_EXEC] |= PTE_NX;
    l1[ABSENT] = 0;
    l1[WITH_U] |= PTE_US;
    l2[0] = maddr_of(l1) | NO_U | u[2];
    l3[0] = maddr_of(l2) | NO_U | u[3];
    make_readonly(l1);
    make_readonly(l2);
    make_readonly(l3);
    e4 = maddr_of(l3) | NO_U | u[4];
    if ((both && mmu_update_one(maddr_of(&kernel_l4()[slot]), e4)) ||
        mmu_update_one(maddr_of(&user_l4[slot]), e4))
        panic("link");
}

static void test_rights(const char *name, ul va, bool kernel_sees)
{
    struct trap *t;

    print("%s\n", name);
    check_access("read", u_read, va + DATA * PAGE_SIZE, 0, X_UD, 0);
    check_hex("read-value", user_exit.regs.rax, 0x1000 + DATA);
    check_access("write", u_write, va + DATA * PAGE_SIZE, 0x5555, X_UD, 0);
    check_hex("write-value", pages[DATA][0], 0x5555);
    check_access("write-first", u_write, va + WITH_U * PAGE_SIZE, 0x6666, X_UD, 0);
    check_hex("write-first-value", pages[WITH_U][0], 0x6666);
    t = user_run_with(u_call, va + CODE * PAGE_SIZE, 0);
    check("execute", t->entry == X_UD && t->regs.rax == 0x77, "%s", trap_name(t));
    check_access("write-readonly", u_write, va + READONLY * PAGE_SIZE, 1, X_PF, 7);
    check_access("read-readonly", u_read, va + READONLY * PAGE_SIZE, 1, X_UD, 0);
    check_access("write-readonly-again", u_write, va + READONLY * PAGE_SIZE, 1, X_PF, 7);
    check_access("execute-nx", u_call, va + NO_EXEC * PAGE_SIZE, 1, X_PF, 0x15);
    check_access("read-absent", u_read, va + ABSENT * PAGE_SIZE, 0, X_PF, 4);
    check_access("write-absent", u_write, va + ABSENT * PAGE_SIZE, 0, X_PF, 6);
    PROBE("mov (%0), %%rax", NONE, "r"(va + DATA * PAGE_SIZE), "rax");
    check_trap("kernel", kernel_sees ? X_NONE : X_PF, 0);
}

/* What the hypervisor does in user mode's place. */
static void test_ports(ul va)
{
    struct physdev_set_iopl iopl = {.iopl = 3};

    hc(physdev_op, PHYSDEVOP_set_iopl, &iopl);
    check_access("ins", u_ins, va + DATA * PAGE_SIZE, 0, X_UD, 0);
    check_hex("ins-value", pages[DATA][0], 0x10ff);
    user_run_with(u_ins, va + READONLY * PAGE_SIZE,
                  0); /* (Xen never says here that the page is present) */
    check("ins-readonly", user_exit.entry == X_PF && (user_exit.error & ~1U) == 6, "W %u",
          user_exit.error >> 1 & 1);
    check_access("ins-kernel", u_ins, (ul)start_info, 0, X_PF, 6);
    check_access("outs", u_outs, 0, va + READONLY * PAGE_SIZE, X_UD, 0);
    check_access("outs-kernel", u_outs, 0, (ul)start_info, X_PF, 4);
    iopl.iopl = 1;
    hc(physdev_op, PHYSDEVOP_set_iopl, &iopl);
}

/* Kernel memory, by the table that has it. */
static void check_kernel_hidden(const char *name)
{
    print("%s\n", name);
    check_access("read-kernel", u_read, (ul)start_info, 0, X_PF, 4);
    check_access("write-kernel", u_write, (ul)start_info, 0, X_PF, 6);
    check_access("execute-kernel", u_call, (ul)check_kernel_hidden, 0, X_PF, 0x14);
    check_access("read-no-kernel", u_read, 0xffffe00000000000UL, 0, X_PF, 4);
}

static void test_one_table(void)
{
    struct trap *t;

    check_rc("one-table", mmuext_one(MMUEXT_NEW_USER_BASEPTR, mfn_of(kernel_l4()), 0), 0);
    test_rights("one table", VA(0), true);
    t = user_run_with(u_read, (ul)start_info, 0);
    check("one-table-read-kernel", t->entry == X_UD && t->regs.rax == *(u64 *)start_info, "%s",
          trap_name(t));
    check_access("one-table-write-readonly-kernel", u_write, (ul)l1, 0, X_PF, 7);
    check_rc("two-tables", mmuext_one(MMUEXT_NEW_USER_BASEPTR, mfn_of(user_l4), 0), 0);
}

/* Another vCPU is in user mode meanwhile, on its own L4, which lacks the kernel. */
static void test_other_vcpu(void)
{
    second_start(user_addr(second_code), (ul)mfn_of(user_l4) << 12);
    check_true("second-in-user-mode", second_wait(1));
    test_one_table();
    second_go((ul)start_info);
    check_true("second-trapped", second_wait(2));
    check("second-read-kernel", second_trap.entry == X_PF && second_trap.error == 4, "%s",
          trap_name(&second_trap));
}

void test_main(void)
{
    user_init();
    check_kernel_hidden("two tables");
    build(SLOT, 2, true);
    test_rights("no U at level 1", VA(0), true);
    build(SLOT + 1, 4, true);
    test_rights("no U at level 2", VA(0) + (1UL << 39), true);
    build(SLOT + 2, 8, true);
    test_rights("no U at level 3", VA(0) + (2UL << 39), true);
    build(SLOT + 3, 16, true);
    test_rights("no U at level 4", VA(0) + (3UL << 39), true);
    build(SLOT + 4, 2, true);
    test_ports(VA(0) + (4UL << 39));
    check_kernel_hidden("with such pages");
    build(336, 0, false);
    test_rights("upper half, user's L4 only", UPPER, false);
    build(337, 30, false);
    test_rights("the same without U", UPPER + (1UL << 39), false);
    check_kernel_hidden("with upper half");
    build(SLOT, 30, true);
    if (hc(vcpu_op, VCPUOP_is_up, 1, 0) < 0)
        test_one_table();
    else
        test_other_vcpu();
    check_kernel_hidden("behind one table");
}
