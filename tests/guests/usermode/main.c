// SPDX-License-Identifier: MIT
/*
 * Ways out of user mode (pv-guest-abi 3.1-3.3): SYSCALL with and without a callback, with events
 * masked or not; SYSENTER; INT n; int3; every kind of exception, above all the U bit of page
 * faults; privileged instructions and I/O; a hypercall attempt. Each check looks at the whole
 * frame: it lies at the top of the stack that stack_switch named, the CS slot has RPL 3 and the
 * upcall mask, other registers pass unchanged in both directions. Kernel pages can't be reached
 * from user mode.
 */
#include "guest.h"

USER_CODE(u_syscall, "mov $0x1234, %eax; mov $0x5678, %ebx; syscall; nop");
USER_CODE(u_syscall_end, "");
USER_CODE(u_syscall_flags, "std; stc; mov $1, %eax; syscall");
USER_CODE(u_sysenter, "mov $0x1234, %eax; sysenter");
USER_CODE(u_ud2, "ud2");
USER_CODE(u_int3, "int3; nop");
USER_CODE(u_int80, "int $0x80; nop");
USER_CODE(u_hlt, "hlt");
USER_CODE(u_cli, "cli; ud2");
USER_CODE(u_in, "in $0x80, %al; ud2");
USER_CODE(u_rdmsr, "mov $0xc0000100, %ecx; rdmsr; ud2");
USER_CODE(u_mov_cr3, "mov %cr3, %rax; ud2");
USER_CODE(u_mov_dr, "mov %dr7, %rax; ud2");
USER_CODE(u_swapgs, "swapgs; ud2");
USER_CODE(u_iretq, "push %rax; iretq");
USER_CODE(u_into, ".byte 0xce");
USER_CODE(u_div, "xor %eax, %eax; xor %edx, %edx; xor %ecx, %ecx; div %ecx");
USER_CODE(u_read, "mov (%rdi), %rax; ud2");
USER_CODE(u_write, "mov %rax, (%rdi); ud2");
USER_CODE(u_jump, "jmp *%rdi");
USER_CODE(u_push, "mov %rdi, %rsp; push %rax; ud2");
USER_CODE(u_ds, "mov %edi, %ds; ud2");
USER_CODE(u_step, "pushfq; orq $0x100, (%rsp); popfq; nop; ud2");
USER_CODE(u_align, "pushfq; orq $0x40000, (%rsp); popfq; mov 1(%rsp), %eax; ud2");
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

static void register_syscall(int type, int entry, int flags)
{
    struct callback_register reg = {.type = type, .flags = flags};

    if (entry)
        reg.address = trap_stub(entry);
    check_rc("register-callback", hc(callback_op, CALLBACKOP_register, &reg), 0);
}

static void test_syscall(void)
{
    struct trap *t = run(u_syscall);

    check_user("syscall-no-callback", t, X_UD, -1);
    check_hex("syscall-no-callback-rip", t->rip - user_addr(u_syscall), 10);

    register_syscall(CALLBACKTYPE_syscall, ENTRY_SYSCALL, 0);
    t = run(u_syscall);
    check_user("syscall", t, ENTRY_SYSCALL, -1);
    check_hex("syscall-rip", t->rip - user_addr(u_syscall), 12);
    check_hex("syscall-rcx-slot", t->slot_rcx - user_addr(u_syscall), 12);
    check_hex("syscall-r11-slot", t->slot_r11, FL_FIXED | FL_IF);
    check_hex("syscall-cs", TRAP_CS(t), USER_CS);
    check_hex("syscall-ss", t->ss, USER_SS);
    check_hex("syscall-rflags", t->rflags, FL_FIXED | FL_IF);
    check_hex("syscall-rsp", t->rsp, USER_STACK - 64);
    check_hex("syscall-rax", t->regs.rax, 0x1234);
    check_hex("syscall-rbx", t->regs.rbx, 0x5678);
    check_num("syscall-saved-mask", TRAP_SAVED_MASK(t), 0);
    check_num("syscall-handler-mask", t->handler_mask, 0);

    t = run(u_syscall_flags);
    check_hex("syscall-flags-frame", t->rflags & (FL_DF | FL_CF), FL_DF | FL_CF);
    check_hex("syscall-flags-handler-IF", t->handler_rflags & FL_IF, FL_IF);
    fact("syscall-flags-handler-DF", "%s", t->handler_rflags & FL_DF ? "set" : "clear");

    register_syscall(CALLBACKTYPE_syscall, ENTRY_SYSCALL, CALLBACKF_mask_events);
    t = run(u_syscall);
    check_num("syscall-masking-saved-mask", TRAP_SAVED_MASK(t), 0);
    check_num("syscall-masking-handler-mask", t->handler_mask, 1);
    check_hex("syscall-masking-frame-IF", t->rflags & FL_IF, FL_IF);
}

static void test_sysenter(void)
{
    struct trap *t = run(u_sysenter);

    fact_user("sysenter-no-callback", t);
    register_syscall(CALLBACKTYPE_sysenter, ENTRY_SYSENTER, 0);
    t = run(u_sysenter);
    fact_user("sysenter", t);
    if (t->entry == ENTRY_SYSENTER) {
        check_hex("sysenter-cs", TRAP_CS(t), 3);
        check_hex("sysenter-rip", t->rip, 0);
        check_hex("sysenter-rsp", t->rsp, 0);
        check_hex("sysenter-ss", t->ss, USER_SS);
        check_hex("sysenter-IF", t->rflags & FL_IF, FL_IF);
        check_hex("sysenter-rax", t->regs.rax, 0x1234);
    }
}

static void test_frame(void)
{
    struct context ctx = user_context(user_addr(u_registers));
    struct trap *t;
    u64 sum = 0;

    ctx.f.rax = 100;
    ctx.f.rcx = 200;
    ctx.f.r11 = 300;
    ctx.f.rflags |= FL_CF;
    ctx.regs.rbx = 1, ctx.regs.rdx = 2, ctx.regs.rsi = 3, ctx.regs.rdi = 4, ctx.regs.rbp = 5;
    ctx.regs.r8 = 6, ctx.regs.r9 = 7, ctx.regs.r10 = 8, ctx.regs.r12 = 9, ctx.regs.r13 = 10;
    ctx.regs.r14 = 11, ctx.regs.r15 = 12;
    t = user_run(&ctx);
    check_user("frame", t, X_UD, -1);
    check_num("frame-rax", t->regs.rax, 100);
    check_num("frame-rcx", t->slot_rcx, 200);
    check_num("frame-r11", t->slot_r11, 300);
    check_hex("frame-rflags", t->rflags & ~(u64)FL_RF, FL_FIXED | FL_IF | FL_CF);
    check_hex("frame-cs", TRAP_CS(t), USER_CS);
    check_hex("frame-ss", t->ss, USER_SS);
    check_hex("frame-rip", t->rip - user_addr(u_registers), 0);
    check_hex("frame-at-kernel_sp", t->frame & 0xfff, 0x1000 - 7 * 8);
    sum = t->regs.rbx + t->regs.rdx + t->regs.rsi + t->regs.rdi + t->regs.rbp + t->regs.r8 +
          t->regs.r9 + t->regs.r10 + t->regs.r12 + t->regs.r13 + t->regs.r14 + t->regs.r15;
    check_num("frame-other-registers", sum, 78);

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
    t = run(u_int80);
    check_user("int80-unset", t, X_GP, 0x402);
    check_hex("int80-unset-rip", t->rip - user_addr(u_int80), 0);
    trap_set(0x80, 3, false);
    t = run(u_int80);
    check_user("int80", t, 0x80, -1);
    check_hex("int80-rip", t->rip - user_addr(u_int80), 2);
    check_user("into", run(u_into), X_UD, -1);
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
    check_user("privileged-swapgs", run(u_swapgs), X_GP, 0);
    fact_user("iretq-null-cs", run(u_iretq));
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
    check_user("pf-write-hole", run_with(u_write, hole), X_PF, 6);
    check_user("pf-write-readonly", run_with(u_write, ro_va), X_PF, 7);
    check_user("pf-push-readonly", run_with(u_push, ro_va + 64), X_PF, 7);
    check_user("pf-fetch-hole", run_with(u_jump, hole), X_PF, 0x14);
    check_user("pf-fetch-nx", run_with(u_jump, nx_va), X_PF, 0x15);
    check_hex("pf-fetch-nx-rip", user_exit.rip - nx_va, 0);
    fact_user("pf-null", run_with(u_read, 0));
    t = run_with(u_read, (ul)start_info);
    check_true("pf-kernel-data-unreadable", t->entry == X_PF && (t->error & 4));
    t = run_with(u_write, (ul)start_info);
    check_true("pf-kernel-data-unwritable", t->entry == X_PF && (t->error & 6) == 6);
    t = run_with(u_jump, (ul)test_main);
    check_true("pf-kernel-code-unreachable", t->entry == X_PF && (t->error & 4));
    check_user("gp-noncanonical", run_with(u_read, 0x800000000000UL), X_GP, 0);
    check_user("gp-selector", run_with(u_ds, 0x0ff8), X_GP, 0x0ff8);
    t = run_with(u_read, 0xffff830000000000UL);
    check_true("pf-hypervisor-area", t->entry == X_PF && (t->error & 4));
    t = run_with(u_read, 0xffff820000000000UL);
    check_true("pf-hypervisor-area-2", t->entry == X_PF && (t->error & 4));
    t = run_with(u_read, (ul)M2P);
    fact("m2p-from-user", "%s", t->entry == X_UD ? "readable" : "fault");
}

static void test_selectors(void)
{
    struct trap *t = run(u_selectors);

    check_hex("selectors-cs", t->regs.rax & 0xffff, USER_CS);
    check_hex("selectors-ss", t->regs.rbx & 0xffff, USER_SS);
    check_hex("selectors-ds", t->regs.rcx & 0xffff, 0);
    check_hex("selectors-es", t->regs.rdx & 0xffff, 0);
}

/* A watchpoint on the slot of a frame hits while the hypervisor delivers a #DB. */
static void test_watched_stack(void)
{
    struct trap *t = user_run_at(user_addr(u_step));
    u64 rip = t->rip;

    check_rc("watch-address", hc(set_debugreg, 0, t->frame + 2 * 8), 0);
    check_rc("watch-writes-of-8", hc(set_debugreg, 7, 0x90001), 0);
    PROBE("movq $0, (%0); nop", NONE, "r"(t->frame + 2 * 8));
    check_trap("watch-works", X_DB, -1);
    for (int i = 0; i < 3; i++) {
        struct context ctx = user_context(user_addr(u_step));

        ctx.regs.rbx = 0xb0b;
        ctx.regs.rcx = 0xc0c;
        ctx.regs.r11 = 0x1101;
        ctx.regs.r15 = 0x1501;
        t = user_run(&ctx);
        check_hex("watch-rbx", t->regs.rbx, 0xb0b);
        check_hex("watch-rcx", t->slot_rcx, 0xc0c);
        check_hex("watch-r11", t->slot_r11, 0x1101);
        check_hex("watch-r15", t->regs.r15, 0x1501);
        check_user("watch-step", t, X_DB, -1);
        check_true("watch-rip", t->rip == rip);
        check_hex("watch-cs", t->cs_slot & 0xffff, USER_CS);
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
    test_syscall();
    test_sysenter();
    test_frame();
    test_software();
    test_privileged();
    test_faults();
    test_selectors();
    test_watched_stack();
}
