// SPDX-License-Identifier: MIT
/*
 * User mode on a table of its own, with the word isolate=yes (xen-shim/cpu/isolate.h).  The guest's
 * user L4 has none of the hypervisor's slots then. The ways in and out work, again and again:
 * SYSCALL and the iret hypercall, page faults, general protection, a debug trap, an IRETQ that
 * faults. What is in the table that user mode runs on: guest leaks. The other guests, with
 * L0_WORDS=isolate=yes, do the rest.
 */
#include "guest.h"

USER_CODE(u_syscall, "mov $0x1234, %eax; syscall");
USER_CODE(u_read, "mov (%rdi), %rax; ud2");
USER_CODE(u_hlt, "hlt");
USER_CODE(u_int80, "int $0x80; nop");
USER_CODE(u_step, "pushfq; orq $0x100, (%rsp); popfq; nop; ud2");

static struct trap *run(const void *code, u64 rdi)
{
    struct context ctx = user_context(user_addr(code));

    ctx.regs.rdi = rdi;
    ctx.regs.r15 = 0x1515151515151515;
    return user_run(&ctx);
}

static void is(const char *name, const struct trap *t, int entry)
{
    check(name, t->entry == entry, "%s", trap_name(t));
    check_hex("r15", t->regs.r15, 0x1515151515151515);
}

static void test_slots(void)
{
    unsigned int present = 0, alike = 0;

    for (unsigned int i = 256; i < 272; i++) {
        present += user_l4[i] & PTE_P;
        alike += user_l4[i] & PTE_P && user_l4[i] == kernel_l4()[i];
    }
    fact("slots", "%u present, %u of them the kernel's", present, alike);
}

static void test_ways(void)
{
    struct callback_register reg = {.type = CALLBACKTYPE_syscall,
                                    .address = trap_stub(ENTRY_SYSCALL)};
    struct trap *t;

    check_rc("register", hc(callback_op, CALLBACKOP_register, &reg), 0);
    for (int i = 0; i < 3; i++)
        is("syscall", run(u_syscall, 0), ENTRY_SYSCALL);
    t = run(u_read, (u64)&user_l4);
    is("page-fault", t, X_PF);
    check_hex("page-fault-error", t->error & ~1u, 4);
    check_hex("page-fault-cr2", t->cr2, (u64)&user_l4);
    is("gp", run(u_hlt, 0), X_GP);
    is("int80", run(u_int80, 0), X_GP);
    is("step", run(u_step, 0), X_DB);
}

static void test_bad_iret(void)
{
    struct context ctx = user_context(user_addr(u_read));

    ctx.f.ss = 0x1003; /* beyond what the guest's GDT has */
    struct trap *t = user_run(&ctx);
    check("bad-ss", t->entry == X_GP || t->entry == X_NONE, "%s", trap_name(t));
    is("after-bad-ss", run(u_syscall, 0), ENTRY_SYSCALL);
}

void test_main(void)
{
    user_init();
    test_ways();
    test_slots();
    test_bad_iret();
}
