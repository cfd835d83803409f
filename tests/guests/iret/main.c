// SPDX-License-Identifier: MIT
/*
 * HYPERVISOR_iret (pv-guest-abi 3.4): to user and to the kernel, by the RPL of the CS word alone;
 * what it restores; that it sets the upcall mask from IF and takes what is pending in the same
 * step; that VGCF_in_syscall doesn't restore rcx and r11; and returns that fault (bad CS, bad SS, a
 * non-canonical rip) are exceptions in the context returned to.
 */
#include "guest.h"

USER_CODE(u_ud2, "ud2");
USER_CODE(u_compat, ".byte 0x0f, 0x0b");
USER_CODE(u_int80, ".byte 0xcd, 0x80; ud2");
/* dec %eax and mov %edx, %edx in 32-bit mode, REX and the rest of an instruction in 64-bit mode. */
USER_CODE(u_which_mode, ".byte 0x48, 0x89, 0xd2; ud2");

/* Kernel target: a trap brings us back, and shows the context that iret made. */
asm(".pushsection .text\n.globl k_ud2\nk_ud2: ud2\n.popsection");
extern u8 k_ud2[];
asm(".pushsection .rodata\n.globl k_int\nk_int: .byte 0xcd, 0x77, 0x0f, 0x34\n.popsection");
extern u8 k_int[];
static u8 other_stack[PAGE_SIZE] page_aligned;
static struct trap kernel_exit;

void user_enter(struct context *ctx);

static bool catch_kernel(struct trap *t)
{
    if (t->entry == ENTRY_EVENT || TRAP_FROM_USER(t) || t->rip != (ul)k_ud2)
        return false;
    kernel_exit = *t;
    user_leave();
}

static bool (*event_only)(struct trap *t);

static bool catch_both(struct trap *t)
{
    return event_only(t) || catch_kernel(t);
}

static struct trap *run_kernel(struct context *ctx)
{
    memset(&kernel_exit, 0, sizeof(kernel_exit));
    kernel_exit.entry = X_NONE;
    user_enter(ctx);
    return &kernel_exit;
}

static struct context kernel_context(void)
{
    return (struct context){
        .f = {.rip = (ul)k_ud2,
              .cs = FLAT_KERNEL_CS & ~3UL,
              .rflags = FL_FIXED,
              .rsp = (ul)other_stack + PAGE_SIZE - 64,
              .ss = FLAT_KERNEL_SS},
    };
}

static void test_kernel(void)
{
    struct context ctx = kernel_context();
    struct trap *t;

    ctx.f.rax = 1, ctx.f.rcx = 2, ctx.f.r11 = 3, ctx.regs.r15 = 4;
    t = run_kernel(&ctx);
    check_user("kernel", t, X_UD, -1);
    check_hex("kernel-cs", TRAP_CS(t), 0xe030);
    check_hex("kernel-ss", t->ss, 0xe02b);
    check_true("kernel-rsp", t->rsp == ctx.f.rsp);
    check_num("kernel-rax", t->regs.rax, 1);
    check_num("kernel-rcx", t->slot_rcx, 2);
    check_num("kernel-r11", t->slot_r11, 3);
    check_num("kernel-r15", t->regs.r15, 4);
    check_num("kernel-mask-from-IF-0", t->handler_mask, 1);
    check_hex("kernel-frame-IF", t->rflags & FL_IF, 0);

    ctx.f.rflags = FL_FIXED | FL_IF | FL_CF | FL_DF | FL_IOPL | FL_ID;
    t = run_kernel(&ctx);
    check_num("kernel-mask-from-IF-1", t->handler_mask, 0);
    check_hex("kernel-rflags", t->rflags & ~(u64)FL_RF, FL_FIXED | FL_IF | FL_CF | FL_DF | FL_ID);

    /* Selectors of the kernel may have any RPL but 3; SS is forced. */
    ctx = kernel_context();
    ctx.f.cs = 0xe031;
    ctx.f.ss = 0xe028;
    t = run_kernel(&ctx);
    check_user("kernel-rpl-1", t, X_UD, -1);
    check_hex("kernel-rpl-1-cs", TRAP_CS(t), 0xe030);
    check_hex("kernel-rpl-1-ss", t->ss, 0xe02b);
    ctx.f.ss = 0;
    t = run_kernel(&ctx);
    fact("kernel-null-ss", "%s ss 0x%lx", trap_name(t), t->ss);
    ctx.f.ss = FLAT_KERNEL_SS;
    ctx.f.flags = VGCF_in_syscall;
    t = run_kernel(&ctx);
    check_user("kernel-in_syscall", t, X_UD, -1);
}

static void test_user(void)
{
    struct context ctx = user_context(user_addr(u_ud2));
    struct trap *t;

    ctx.f.rcx = 0x1111;
    ctx.f.r11 = 0x2222;
    t = user_run(&ctx);
    check_hex("user-rcx", t->slot_rcx, 0x1111);
    check_hex("user-r11", t->slot_r11, 0x2222);
    ctx.f.flags = VGCF_in_syscall;
    t = user_run(&ctx);
    check_user("user-in_syscall", t, X_UD, -1);
    check_true("user-in_syscall-rip-and-rsp",
               t->rip == user_addr(u_ud2) && t->rsp == USER_STACK - 64);
    check_true("user-in_syscall-rcx-free", t->slot_rcx != 0x1111);
    ctx.f.flags = 0;
    ctx.f.rflags = FL_FIXED | FL_IF | FL_CF | FL_DF | FL_AC | FL_ID | FL_NT | FL_IOPL;
    t = user_run(&ctx);
    check_hex("user-rflags", t->rflags & ~(u64)FL_RF,
              FL_FIXED | FL_IF | FL_CF | FL_DF | FL_AC | FL_ID | FL_NT);
    ctx.f.rflags = FL_FIXED | FL_IF | FL_TF;
    t = user_run(&ctx);
    fact("user-with-TF", "%s", trap_name(t));
    hc(set_debugreg, 6, 0xffff0ff0);
    /* 0xe023 is the flat 32-bit code segment. */
    ctx = user_context(user_addr(u_compat));
    ctx.f.cs = 0xe023;
    t = user_run(&ctx);
    check_user("user-compat", t, X_UD, -1);
    check_hex("user-compat-cs", TRAP_CS(t), 0xe023);
    ctx = user_context(user_addr(u_which_mode));
    ctx.f.cs = 0xe023;
    ctx.f.flags = VGCF_in_syscall;
    ctx.f.rax = 5;
    t = user_run(&ctx);
    check_user("user-compat-in_syscall", t, X_UD, -1);
    check_hex("user-compat-in_syscall-cs", TRAP_CS(t), 0xe023);
    check_num("user-compat-in_syscall-32-bit-mode", t->regs.rax, 4);
    ctx.f.cs = 0x23;
    t = user_run(&ctx);
    check_hex("user-other-cs-in_syscall-cs", TRAP_CS(t), 0xe033);
    ctx.f.rflags |= FL_TF; /* (no SYSRET can be used) */
    ctx.f.cs = 0xe023;
    t = user_run(&ctx);
    fact("user-compat-in_syscall-with-TF", "%s cs 0x%x eax %ld", trap_name(t), TRAP_CS(t),
         t->regs.rax);
    hc(set_debugreg, 6, 0xffff0ff0);
    ctx = user_context(user_addr(u_ud2));
    ctx.f.ss = 0xe028;
    t = user_run(&ctx);
    check_user("user-ss-rpl-0", t, X_UD, -1);
    check_hex("user-ss-rpl-0-ss", t->ss, 0xe02b);
}

static void test_faulting(void)
{
    const struct {
        const char *name;
        u64 rip, cs, ss;
    } bad[] = {
        {"faulting-noncanonical-rip", 0x800000000000UL, USER_CS, USER_SS},
        {"faulting-very-noncanonical-rip", 0x123456789abcdef0UL, USER_CS, USER_SS},
        {"faulting-null-cs", 0, 3, USER_SS},
        {"faulting-data-cs", 0, 0xe02b, USER_SS},
        {"faulting-cs-beyond-gdt", 0, 0xfff3, USER_SS},
        {"faulting-cs-empty", 0, 0x13, USER_SS},
        {"faulting-ldt-cs", 0, 0x7, USER_SS},
        {"faulting-code-ss", 0, USER_CS, 0xe033},
        {"faulting-ss-empty", 0, USER_CS, 0x13},
        {"faulting-null-ss", 0, USER_CS, 0},
        /* The fault is the return's own: what lies at the RIP is never looked at. */
        {"faulting-ss-at-int-in-kernel", (u64)k_int, USER_CS, 0x13},
        {"faulting-ss-at-sysenter-in-kernel", (u64)k_int + 2, USER_CS, 0x13},
        {"faulting-cs-at-int-80", user_addr(u_int80), 0x1b, USER_SS},
        {"faulting-ss-at-int-80", user_addr(u_int80), USER_CS, 0x13},
    };

    trap_set(0x80, 3, false);

    for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
        struct context ctx = user_context(bad[i].rip ?: user_addr(u_ud2));
        struct trap *t;

        ctx.f.cs = bad[i].cs;
        ctx.f.ss = bad[i].ss;
        t = user_run(&ctx);
        fact(bad[i].name, "%s cs 0x%x ss 0x%lx rip-kept %s", trap_name(t), TRAP_CS(t), t->ss,
             t->rip == ctx.f.rip ? "yes" : "no");
    }
}

/* An event that became pending while masked must be taken between iret and the first instruction.
 */
static void test_events(void)
{
    u32 port = evtchn_new_ipi(0);
    struct context ctx = kernel_context();
    int before = event_upcalls;

    events_mask();
    port_unmask_local(port);
    evtchn_send(port);
    check_num("event-not-while-masked", event_upcalls - before, 0);
    run_kernel(&ctx);
    check_num("event-not-with-IF-0", event_upcalls - before, 0);
    ctx.f.rflags |= FL_IF;
    run_kernel(&ctx);
    check_num("event-with-IF-1", event_upcalls - before, 1);
    check_num("event-counted", event_count[port], 1);
    check_num("event-mask-afterwards", kernel_exit.handler_mask, 0);

    events_mask();
    evtchn_send(port);
    ctx = user_context(user_addr(u_ud2));
    user_run(&ctx);
    check_num("event-on-the-way-to-user", event_upcalls - before, 2);
    check_user("event-then-user", &user_exit, X_UD, -1);
    evtchn_close(port);
}

void test_main(void)
{
    event_only = trap_hook;
    user_init();
    trap_hook = catch_both;
    test_kernel();
    test_user();
    test_faulting();
    test_events();
}
