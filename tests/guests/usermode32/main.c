// SPDX-License-Identifier: MIT
/*
 * Ways out of user mode of a 32-bit guest (pv-guest-abi 3.2, 3.3, 3.6): INT 0x80 and others,
 * SYSENTER with and without its callback, SYSCALL, int3, into, bound; every kind of exception,
 * above all the error code of page faults; privileged instructions and I/O; a hypercall attempt;
 * far calls to the kernel's segments. Each check looks at the frame: it lies at the end of the
 * stack that stack_switch named, CS has RPL 3 and the upcall mask, other registers pass unchanged
 * in both directions. There is one table, so what keeps user mode from the kernel is the U bit.
 */
#include "guest.h"

USER_CODE(u_sysenter, "mov $0x1234, %eax; mov %esp, %ebp; sysenter");
USER_CODE(u_syscall, "mov $0x1234, %eax; .byte 0x0f, 0x05; nop");
USER_CODE(u_ud2, "ud2");
USER_CODE(u_int3, "int3; nop");
USER_CODE(u_int80, "int $0x80; nop");
USER_CODE(u_int80_flags, "std; stc; int $0x80");
USER_CODE(u_int82, "mov $17, %eax; int $0x82; nop");
USER_CODE(u_int20, "int $0x20; nop");
USER_CODE(u_hlt, "hlt");
USER_CODE(u_cli, "cli; ud2");
USER_CODE(u_in, "in $0x80, %al; ud2");
USER_CODE(u_rdmsr, "mov $0xc0000100, %ecx; rdmsr; ud2");
USER_CODE(u_mov_cr3, "mov %cr3, %eax; ud2");
USER_CODE(u_mov_dr, "mov %dr7, %eax; ud2");
USER_CODE(u_lcall_kernel, "lcall $0xe019, $0; ud2");
USER_CODE(u_lcall_64, "lcall $0xe008, $0; ud2");
USER_CODE(u_lcall_ring3_64, "lcall $0xe033, $0; ud2");
USER_CODE(u_into, "mov $0x7fffffff, %eax; add $1, %eax; into; nop");
USER_CODE(u_into_no, "xor %eax, %eax; into; ud2");
USER_CODE(u_bound, "pushl $5; pushl $3; mov $6, %eax; bound %eax, (%esp)");
USER_CODE(u_div, "xor %eax, %eax; xor %edx, %edx; xor %ecx, %ecx; div %ecx");
USER_CODE(u_read, "mov (%edi), %eax; ud2");
USER_CODE(u_write, "mov %eax, (%edi); ud2");
USER_CODE(u_jump, "jmp *%edi");
USER_CODE(u_lret, "mov %edi, %esp; lret");
USER_CODE(u_iret, "mov %edi, %esp; iret");
USER_CODE(u_push, "mov %edi, %esp; push %eax; ud2");
USER_CODE(u_ds, "mov %edi, %ds; ud2");
USER_CODE(u_step, "pushfl; orl $0x100, (%esp); popfl; nop; ud2");
USER_CODE(u_align, "pushfl; orl $0x40000, (%esp); popfl; mov 1(%esp), %eax; ud2");
USER_CODE(u_selectors, "mov %cs, %eax; mov %ss, %ebx; mov %ds, %ecx; mov %es, %edx; ud2");
USER_CODE(u_registers, "ud2");
USER_CODE(u_page_end, ".balign 64");

static struct trap *run_with(const void *code, ul rdi)
{
    return user_run_with(code, rdi, 0);
}

static struct trap *run(const void *code)
{
    return run_with(code, 0);
}

static void test_int80(void)
{
    struct trap *t = run(u_int80);

    check_user("int80-unset", t, X_GP, 0x402);
    check_hex("int80-unset-rip", t->rip - user_addr(u_int80), 0);
    trap_set(0x80, 0, false);
    fact_user("int80-dpl-0", run(u_int80));
    trap_set(0x80, 1, false);
    fact_user("int80-dpl-1", run(u_int80));
    trap_set(0x80, 3, false);
    t = run(u_int80);
    check_user("int80", t, 0x80, -1);
    check_hex("int80-rip", t->rip - user_addr(u_int80), 2);
    check_hex("int80-cs", TRAP_CS(t), USER_CS);
    check_hex("int80-ss", t->ss & 0xffff, USER_SS);
    check_hex("int80-rsp", t->rsp, USER_STACK - 64);
    check_hex("int80-rflags", t->rflags, FL_FIXED | FL_IF);
    check_num("int80-saved-mask", TRAP_SAVED_MASK(t), 0);
    check_num("int80-handler-mask", t->handler_mask, 0);
    check_num("int80-slots", kernel_stack_end - t->frame, 5 * 4);
    t = run(u_int80_flags);
    check_hex("int80-flags-frame", t->rflags & (FL_DF | FL_CF), FL_DF | FL_CF);
    check_hex("int80-flags-handler-IF", t->handler_rflags & FL_IF, FL_IF);
    fact("int80-flags-handler-DF", "%s", t->handler_rflags & FL_DF ? "set" : "clear");
    trap_set(0x80, 3, true);
    t = run(u_int80);
    check_num("int80-masking-saved-mask", TRAP_SAVED_MASK(t), 0);
    check_num("int80-masking-handler-mask", t->handler_mask, 1);
    check_hex("int80-masking-frame-IF", t->rflags & FL_IF, FL_IF);
    trap_set(0x80, 3, false);

    check_user("int82", run(u_int82), X_GP, 0x82 << 3 | 2);
    check_user("int20", run(u_int20), X_GP, 0x20 << 3 | 2);
    trap_set(0x20, 3, false);
    t = run(u_int20);
    check_user("int20-with-entry", t, 0x20, -1);
    check_hex("int20-with-entry-rip", t->rip - user_addr(u_int20), 2);
}

static void test_sysenter(void)
{
    struct callback_register reg = {.type = CALLBACKTYPE_sysenter,
                                    .address = callback_at(trap_stub(ENTRY_SYSENTER))};
    struct trap *t = run(u_sysenter);

    fact_user("sysenter-no-callback", t);
    fact_rc("sysenter-register", hc(callback_op, CALLBACKOP_register, &reg));
    t = run(u_sysenter);
    fact_user("sysenter", t);
    if (t->entry == ENTRY_SYSENTER) {
        fact_hex("sysenter-cs", TRAP_CS(t));
        fact_hex("sysenter-rip", t->rip);
        fact_hex("sysenter-rsp", t->rsp);
        fact_hex("sysenter-ss", t->ss & 0xffff);
        check_hex("sysenter-IF", t->rflags & FL_IF, FL_IF);
        check_hex("sysenter-rax", t->regs.rax, 0x1234);
        check_hex("sysenter-rbp", t->regs.rbp, USER_STACK - 64);
        check_num("sysenter-handler-mask", t->handler_mask, 0);
    }
    reg.flags = CALLBACKF_mask_events;
    fact_rc("sysenter-register-masking", hc(callback_op, CALLBACKOP_register, &reg));
    t = run(u_sysenter);
    if (t->entry == ENTRY_SYSENTER)
        fact("sysenter-masking-handler-mask", "%d", t->handler_mask);
    events_unmask();
    fact_user("syscall", run(u_syscall));
    reg.type = CALLBACKTYPE_syscall32;
    fact_rc("syscall32-register", hc(callback_op, CALLBACKOP_register, &reg));
    fact_user("syscall-with-callback", run(u_syscall));
}

static void test_frame(void)
{
    struct context ctx = user_context(user_addr(u_registers));
    struct trap *t;

    ctx.f.rax = 100;
    ctx.regs.rbx = 1, ctx.regs.rcx = 2, ctx.regs.rdx = 3, ctx.regs.rsi = 4;
    ctx.regs.rdi = 5, ctx.regs.rbp = 6;
    t = user_run(&ctx);
    check_user("frame", t, X_UD, -1);
    check_num("frame-rax", t->regs.rax, 100);
    check_hex("frame-rsp", t->rsp, USER_STACK - 64);
    check_hex("frame-cs", TRAP_CS(t), USER_CS);
    check_hex("frame-cs-slot-rest", t->cs_slot >> 24, 0);
    check_hex("frame-ss", t->ss & 0xffff, USER_SS);
    check_hex("frame-rip", t->rip - user_addr(u_registers), 0);
    check_num("frame-at-kernel_sp", kernel_stack_end - t->frame, 5 * 4);
    check_num("frame-other-registers",
              t->regs.rbx + t->regs.rcx * 10 + t->regs.rdx * 100 + t->regs.rsi * 1000 +
                  t->regs.rdi * 10000 + t->regs.rbp * 100000,
              654321);

    /* Events masked in user mode: possible, and seen in the CS slot. */
    ctx.f.rflags = FL_FIXED;
    t = user_run(&ctx);
    check_num("frame-masked-saved-mask", TRAP_SAVED_MASK(t), 1);
    check_hex("frame-masked-IF", t->rflags & FL_IF, 0);
    check_num("frame-masked-handler-mask", t->handler_mask, 1);
    events_unmask();
}

static void test_software(void)
{
    struct trap *t = run(u_int3);

    check_user("int3", t, X_BP, -1);
    check_hex("int3-rip", t->rip - user_addr(u_int3), 1);
    t = run(u_into);
    check_user("into", t, X_OF, -1);
    check_hex("into-rip", t->rip - user_addr(u_into), 9);
    check_user("into-without-OF", run(u_into_no), X_UD, -1);
    check_user("bound", run(u_bound), X_BR, -1);
    t = run(u_step);
    check_user("step", t, X_DB, -1);
    check_hex("step-frame-TF", t->rflags & FL_TF, FL_TF);
    check_hex("step-handler-TF", t->handler_rflags & FL_TF, 0);
    hc(set_debugreg, 6, 0xffff0ff0);
    fact_user("alignment", run(u_align));
}

static void test_privileged(void)
{
    struct physdev_set_iopl iopl = {.iopl = 1};

    check_user("privileged-hlt", run(u_hlt), X_GP, 0);
    check_user("privileged-cli", run(u_cli), X_GP, 0);
    check_user("privileged-in", run(u_in), X_GP, 0);
    check_user("privileged-rdmsr", run(u_rdmsr), X_GP, 0);
    check_user("privileged-mov-cr3", run(u_mov_cr3), X_GP, 0);
    check_user("privileged-mov-dr", run(u_mov_dr), X_GP, 0);
    fact_user("far-call-to-kernel", run(u_lcall_kernel));
    fact_user("far-call-to-64-bit", run(u_lcall_64));
    fact_user("far-call-to-0xe033", run(u_lcall_ring3_64));
    check_user("divide", run(u_div), X_DE, -1);
    check_rc("set_iopl-1", hc(physdev_op, PHYSDEVOP_set_iopl, &iopl), 0);
    check_user("iopl-1-cli", run(u_cli), X_GP, 0);
    check_user("iopl-1-in", run(u_in), X_GP, 0);
    iopl.iopl = 3;
    check_rc("set_iopl-3", hc(physdev_op, PHYSDEVOP_set_iopl, &iopl), 0);
    check_user("iopl-3-cli", run(u_cli), X_UD, -1);
    check_num("iopl-3-cli-leaves-mask", user_exit.handler_mask, 0);
    check_user("iopl-3-in", run(u_in), X_UD, -1);
    check_hex("iopl-3-in-value", user_exit.regs.rax & 0xff, 0xff);
    check_hex("iopl-3-rflags-iopl", user_exit.rflags & FL_IOPL, 0);
    iopl.iopl = 0;
    hc(physdev_op, PHYSDEVOP_set_iopl, &iopl);
}

static void test_walls(void)
{
    static const struct {
        const char *name;
        ul va;
    } beyond[] = {
        {"m2p", 0xf5800000},         {"m2p-end", 0xffdffffc},
        {"hole", 0xffe00000},        {"hypervisor-end", 0xfffff000},
        {"kernel-begin", VIRT_BASE},
    };

    for (unsigned i = 0; i < ARRAY_LEN(beyond); i++) {
        struct trap *t = run_with(u_read, beyond[i].va);

        check(beyond[i].name, t->entry == X_PF && (t->error & 4), "read %s",
              t->entry == X_PF ? "fault" : "done");
        t = run_with(u_write, beyond[i].va);
        check(beyond[i].name, t->entry == X_PF && (t->error & 6) == 6, "write %s",
              t->entry == X_PF ? "fault" : "done");
    }
}

static void test_faults(void)
{
    u64 *readonly = page_alloc();
    ul ro_va = USER_BASE + 0x180000, hole = USER_BASE + 0x181000, nx_va = USER_BASE + 0x182000;
    struct trap *t;

    if (mmu_update_one(maddr_of(&user_l1[pt_index(ro_va, 1)]),
                       maddr_of(readonly) | PTE_P | PTE_US | PTE_A) ||
        mmu_update_one(maddr_of(&user_l1[pt_index(nx_va, 1)]),
                       maddr_of(readonly) | PTE_P | PTE_US | PTE_A | PTE_NX))
        panic("user mapping");
    check_user("pf-read-readonly", run_with(u_read, ro_va), X_UD, -1);
    t = run_with(u_read, hole + 5);
    check_user("pf-read-hole", t, X_PF, 4);
    check_hex("pf-read-hole-cr2", t->cr2, hole + 5);
    /* which QEMU reads as the CPU's own, without U */
    t = run_with(u_lret, hole + 8);
    check_user("pf-far-return", t, X_PF, 4);
    check_hex("pf-far-return-cr2", t->cr2, hole + 8);
    check_user("pf-iret", run_with(u_iret, hole + 8), X_PF, 4);
    check_num("pf-slots", kernel_stack_end - t->frame, 6 * 4);
    check_user("pf-write-hole", run_with(u_write, hole), X_PF, 6);
    check_user("pf-write-readonly", run_with(u_write, ro_va), X_PF, 7);
    check_user("pf-push-readonly", run_with(u_push, ro_va + 64), X_PF, 7);
    check_user("pf-fetch-hole", run_with(u_jump, hole), X_PF, 0x14);
    check_user("pf-fetch-nx", run_with(u_jump, nx_va), X_PF, 0x15);
    check_hex("pf-fetch-nx-rip", user_exit.rip - nx_va, 0);
    fact_user("pf-null", run_with(u_read, 0));
    check_user("pf-kernel-data-unreadable", run_with(u_read, (ul)start_info), X_PF, 5);
    check_user("pf-kernel-data-unwritable", run_with(u_write, (ul)start_info), X_PF, 7);
    t = run_with(u_jump, (ul)test_main);
    check_true("pf-kernel-code-unreachable", t->entry == X_PF && (t->error & 4));
    check_user("gp-selector", run_with(u_ds, 0x0ff8), X_GP, 0x0ff8);
    fact_user("kernel-ds", run_with(u_ds, FLAT_KERNEL_DS));
    test_walls();
}

static void test_selectors(void)
{
    struct trap *t = run(u_selectors);

    check_hex("selectors-cs", t->regs.rax & 0xffff, USER_CS);
    check_hex("selectors-ss", t->regs.rbx & 0xffff, USER_SS);
    check_hex("selectors-ds", t->regs.rcx & 0xffff, USER_SS);
    check_hex("selectors-es", t->regs.rdx & 0xffff, USER_SS);
}

/* A watchpoint on the slot of a frame hits while the hypervisor delivers a #DB. */
static void test_watched_stack(void)
{
    struct trap *t = user_run_at(user_addr(u_step));
    ul rip = t->rip, slot = t->frame;

    check_rc("watch-address", hc(set_debugreg, 0, slot), 0);
    check_rc("watch-writes-of-4", hc(set_debugreg, 7, 0xd0001), 0);
    PROBE("movl $0, (%0); nop", NONE, "r"(slot));
    check_trap("watch-works", X_DB, -1);
    for (int i = 0; i < 3; i++) {
        struct context ctx = user_context(user_addr(u_step));

        ctx.regs.rbx = 0xb0b;
        ctx.regs.rcx = 0xc0c;
        t = user_run(&ctx);
        check_hex("watch-rbx", t->regs.rbx, 0xb0b);
        check_hex("watch-rcx", t->regs.rcx, 0xc0c);
        check_user("watch-step", t, X_DB, -1);
        check_true("watch-rip", t->rip == rip);
        check_hex("watch-cs", TRAP_CS(t), USER_CS);
        check_hex("watch-flags", t->rflags & (FL_TF | FL_IF), FL_TF | FL_IF);
        check_true("watch-stack", t->rsp == USER_STACK - 64);
    }
    check_rc("watch-off", hc(set_debugreg, 7, 0), 0);
    hc(set_debugreg, 6, 0xffff0ff0);
}

void test_main(void)
{
    user_init();
    events_unmask();
    test_int80();
    test_sysenter();
    test_frame();
    test_software();
    test_privileged();
    test_faults();
    test_selectors();
    test_watched_stack();
}
