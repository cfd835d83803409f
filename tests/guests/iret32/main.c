// SPDX-License-Identifier: MIT
/*
 * HYPERVISOR_iret of 32 bits and the native one (pv-guest-abi 3.4): to ring 1 and to ring 3 by the
 * RPL of the CS word; what it restores; that the hypercall sets the upcall mask from IF and takes
 * what is pending in the same step, and the instruction doesn't; that VM86 is refused; and returns
 * that fault are exceptions in the context returned to.
 */
#include "guest.h"

USER_CODE(u_ud2, "ud2");
USER_CODE(u_int80, ".byte 0xcd, 0x80; ud2");

#define FL_VM (1 << 17)

/* Kernel target: a trap brings us back, and shows the context that iret made. */
asm(".pushsection .text\n.globl k_ud2\nk_ud2: ud2\n.popsection");
extern u8 k_ud2[];
static u8 other_stack[PAGE_SIZE] page_aligned;
static struct trap kernel_exit;

void user_enter(struct context *ctx);

static bool (*event_only)(struct trap *t);

static bool catch_kernel(struct trap *t)
{
    if (event_only(t))
        return true;
    if (TRAP_FROM_USER(t) || t->rip != (ul)k_ud2)
        return false;
    kernel_exit = *t;
    user_leave();
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
              .cs = FLAT_KERNEL_CS,
              .rflags = FL_FIXED,
              .rsp = (ul)other_stack + PAGE_SIZE - 64},
        .regs = {.ds = FLAT_KERNEL_DS, .es = FLAT_KERNEL_DS},
    };
}

static void test_kernel(void)
{
    struct context ctx = kernel_context();
    struct trap *t;

    ctx.f.rax = 1, ctx.regs.rcx = 2, ctx.regs.rdx = 3, ctx.regs.rdi = 4;
    t = run_kernel(&ctx);
    check_user("kernel", t, X_UD, -1);
    check_hex("kernel-cs", TRAP_CS(t), FLAT_KERNEL_CS);
    check_hex("kernel-ss", t->ss, FLAT_KERNEL_SS);
    check_true("kernel-rsp", t->rsp == ctx.f.rsp);
    check_num("kernel-rax", t->regs.rax, 1);
    check_num("kernel-others", t->regs.rcx * 100 + t->regs.rdx * 10 + t->regs.rdi, 234);
    check_num("kernel-mask-from-IF-0", t->handler_mask, 1);
    check_hex("kernel-frame-IF", t->rflags & FL_IF, 0);

    ctx.f.rflags = FL_FIXED | FL_IF | FL_CF | FL_DF | FL_IOPL | FL_ID | FL_AC | FL_NT;
    t = run_kernel(&ctx);
    check_num("kernel-mask-from-IF-1", t->handler_mask, 0);
    fact_hex("kernel-rflags", t->rflags & ~(ul)FL_RF);
    /* Only the low half of the word counts. */
    ctx = kernel_context();
    ctx.f.cs = FLAT_KERNEL_CS | 0x10000;
    t = run_kernel(&ctx);
    check_user("kernel-cs-high-half", t, X_UD, -1);
    fact_hex("kernel-cs-high-half-slot", t->cs_slot);
    ctx.f.cs = FLAT_KERNEL_CS;
    ctx.regs.fs = USER_SS;
    ctx.regs.gs = FLAT_KERNEL_DS;
    t = run_kernel(&ctx);
    check_hex("kernel-fs", t->regs.fs & 0xffff, USER_SS);
    check_hex("kernel-gs", t->regs.gs & 0xffff, FLAT_KERNEL_DS);
}

static void test_user(void)
{
    struct context ctx = user_context(user_addr(u_ud2));
    struct trap *t;

    ctx.f.rax = 0x1111;
    ctx.regs.rcx = 0x2222;
    t = user_run(&ctx);
    check_user("user", t, X_UD, -1);
    check_hex("user-rax", t->regs.rax, 0x1111);
    check_hex("user-rcx", t->regs.rcx, 0x2222);
    check_hex("user-cs", TRAP_CS(t), USER_CS);
    check_hex("user-ss", t->ss, USER_SS);
    check_hex("user-rsp", t->rsp, USER_STACK - 64);
    check_hex("user-ds", t->regs.ds & 0xffff, USER_SS);
    check_num("user-mask-from-IF-1", t->handler_mask, 0);
    ctx.f.rflags = FL_FIXED | FL_IF | FL_CF | FL_DF | FL_AC | FL_ID | FL_NT | FL_IOPL;
    t = user_run(&ctx);
    fact_hex("user-rflags", t->rflags & ~(ul)FL_RF);
    ctx.f.rflags = FL_FIXED;
    t = user_run(&ctx);
    check_num("user-mask-from-IF-0", t->handler_mask, 1);
    check_hex("user-frame-IF", t->rflags & FL_IF, 0);
    events_unmask();
    ctx.f.rflags = FL_FIXED | FL_IF | FL_TF;
    t = user_run(&ctx);
    fact("user-with-TF", "%s", trap_name(t));
    hc(set_debugreg, 6, 0xffff0ff0);
    ctx = user_context(user_addr(u_ud2));
    ctx.f.cs = USER_CS | 0x10000;
    t = user_run(&ctx);
    check_user("user-cs-high-half", t, X_UD, -1);
    ctx = user_context(user_addr(u_ud2));
    ctx.f.ss = USER_SS & ~3;
    t = user_run(&ctx);
    fact("user-ss-rpl-0", "%s ss 0x%lx", trap_name(t), t->ss & 0xffff);
    /* There is no VM86 in long mode. */
    ctx = user_context(user_addr(u_ud2));
    ctx.f.rflags |= FL_VM;
    t = user_run(&ctx);
    fact("user-vm86", "%s cs 0x%x, %lu words", trap_name(t), TRAP_CS(t),
         (kernel_stack_end - t->frame) / sizeof(ul));
    fact_hex("user-vm86-frame-vm", t->rflags & FL_VM);
}

static void test_faulting(void)
{
    const struct {
        const char *name;
        ul rip, cs, ss;
    } bad[] = {
        {"faulting-null-cs", 0, 3, USER_SS},
        {"faulting-data-cs", 0, USER_SS, USER_SS},
        {"faulting-cs-beyond-gdt", 0, 0xfff3, USER_SS},
        {"faulting-cs-empty", 0, 0x13, USER_SS},
        {"faulting-ldt-cs", 0, 0x7, USER_SS},
        {"faulting-kernel-cs-rpl-3", 0, FLAT_KERNEL_CS | 3, USER_SS},
        {"faulting-64-bit-cs", 0, 0xe033 | 3, USER_SS},
        {"faulting-hypervisor-cs", 0, 0xe00b, USER_SS},
        {"faulting-code-ss", 0, USER_CS, USER_CS},
        {"faulting-ss-empty", 0, USER_CS, 0x13},
        {"faulting-null-ss", 0, USER_CS, 0},
        {"faulting-kernel-ss", 0, USER_CS, FLAT_KERNEL_SS},
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
        fact(bad[i].name, "%s cs 0x%x ss 0x%lx rip-kept %s", trap_name(t), TRAP_CS(t),
             t->ss & 0xffff, t->rip == ctx.f.rip ? "yes" : "no");
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

/* What most kernels leave by: the CPU does it alone, and the upcall mask stays what it is. */
static struct trap *native(ul cs, ul rip, ul flags, ul ss, ul rsp)
{
    struct context ctx = user_context(rip);

    ctx.f.cs = cs;
    ctx.f.rflags = flags;
    ctx.f.ss = ss;
    ctx.f.rsp = rsp;
    return user_run_native(&ctx);
}

static void test_native(void)
{
    ul rsp = USER_STACK - 64, rip = user_addr(u_ud2), here;
    struct trap *t;

    events_unmask();
    t = native(USER_CS, rip, FL_FIXED | FL_IF | FL_CF | FL_DF, USER_SS, rsp);
    check_user("native-user", t, X_UD, -1);
    check_hex("native-user-rflags", t->rflags & ~(ul)FL_RF, FL_FIXED | FL_IF | FL_CF | FL_DF);
    check_hex("native-user-rsp", t->rsp, USER_STACK - 64);
    /* IF is the CPU's here, and can't be changed. */
    t = native(USER_CS, rip, FL_FIXED, USER_SS, rsp);
    check_hex("native-user-IF-0", t->rflags & FL_IF, FL_IF);
    check_num("native-user-IF-0-mask", t->handler_mask, 0);
    events_mask();
    t = native(USER_CS, rip, FL_FIXED | FL_IF, USER_SS, rsp);
    check_num("native-user-mask-kept", t->handler_mask, 1);
    check_hex("native-user-masked-IF", t->rflags & FL_IF, 0);
    events_unmask();
    t = native(USER_CS, rip, FL_FIXED | FL_IF | FL_IOPL, USER_SS, rsp);
    check_hex("native-user-iopl", t->rflags & FL_IOPL, 0);
    trap_arm();
    asm volatile(FIXUP_AT "mov %%esp, %0; pushfl; push %%cs; push $8f; iret\n8: nop\n9:\t" FIXUP_OFF
                          "\n sub %%esp, %0"
                 : "=&r"(here)
                 :
                 : "memory", "cc");
    check_trap("native-kernel", X_NONE, 0);
    check_num("native-kernel-stack", here, 0);
}

static void test_native_faults(void)
{
    static const struct {
        const char *name;
        ul cs;
    } bad[] = {
        {"native-null-cs", 0},
        {"native-empty-cs", 0x11},
        {"native-data-cs", FLAT_KERNEL_DS},
        {"native-ring-0-cs", 0xe008},
    };

    for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
        trap_arm();
        asm volatile(FIXUP_AT "mov %%esp, %%ebx; pushfl; push %0; push $9f; iret\n9:\t" FIXUP_OFF
                              "\n mov %%ebx, %%esp"
                     :
                     : "r"(bad[i].cs)
                     : "ebx", "memory", "cc");
        fact_trap(bad[i].name);
    }
}

void test_main(void)
{
    event_only = trap_hook;
    user_init();
    trap_hook = catch_kernel;
    test_kernel();
    test_user();
    test_faulting();
    test_events();
    test_native();
    test_native_faults();
}
