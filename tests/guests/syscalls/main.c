// SPDX-License-Identifier: MIT
/*
 * The two passes of a system call (pv-guest-abi 3.2, 3.4) where a hypervisor is tempted to take a
 * short way: SYSCALL to the guest's callback, and the iret hypercall back, with and without
 * VGCF_in_syscall (which allows SYSRET). Every register and flag passes in both directions; return
 * addresses at and beyond the edge of the lower half; TF, RF, NT, AC, DF, IOPL on the way back;
 * kernel stacks that aren't aligned or straddle a page, and iret frames that do; events masked or
 * pending in user mode.
 */
#include "guest.h"

USER_CODE(u_syscall, "syscall");
USER_CODE(u_syscall_end, "ud2");
/* In r8, r9, r10: RFLAGS, RCX and R11 as user mode is entered with them. */
USER_CODE(u_look, "mov %rcx, %r9; mov %r11, %r10; pushfq; pop %r8; cld; syscall; ud2");
USER_CODE(u_nops, "nop; nop; nop; syscall; ud2");

static u8 stacks[3 * PAGE_SIZE] page_aligned;

static void register_callback(int flags)
{
    struct callback_register reg = {
        .type = CALLBACKTYPE_syscall, .flags = flags, .address = trap_stub(ENTRY_SYSCALL)};

    check_rc("register", hc(callback_op, CALLBACKOP_register, &reg), 0);
}

static struct context context_at(const void *code, int flags)
{
    struct context ctx = user_context(user_addr(code));

    ctx.f.flags = flags;
    return ctx;
}

static void test_registers(int flags)
{
    struct context ctx = context_at(u_syscall, flags);
    u64 *in = (u64 *)&ctx.regs, *out = (u64 *)&user_exit.regs, wrong = 0;
    unsigned int rcx = offsetof(struct gprs, rcx) / 8, r11 = offsetof(struct gprs, r11) / 8,
                 rax = offsetof(struct gprs, rax) / 8;

    for (unsigned int i = 0; i < sizeof(struct gprs) / 8; i++)
        in[i] = 0x1122334455660000UL + i;
    ctx.f.rax = in[rax];
    for (int round = 0; round < 200; round++) {
        user_run(&ctx);
        for (unsigned int i = 0; i < sizeof(struct gprs) / 8; i++)
            if (i != rcx && i != r11 && in[i] != out[i])
                wrong |= 1UL << i;
        if (user_exit.entry != ENTRY_SYSCALL || user_exit.rip != user_addr(u_syscall_end) ||
            user_exit.rsp != ctx.f.rsp || user_exit.slot_rcx != user_exit.rip)
            wrong |= 1UL << 63;
    }
    check_hex(flags ? "in_syscall-registers-changed" : "registers-changed", wrong, 0);
    check_hex("frame-cs", TRAP_CS(&user_exit), USER_CS);
}

static void test_flags(int flags)
{
    static const struct {
        const char *name;
        u64 set;
    } sets[] = {{"none", 0},       {"CF", FL_CF}, {"all-arithmetic", 0x8d5},
                {"DF", FL_DF},     {"AC", FL_AC}, {"NT", FL_NT},
                {"IOPL", FL_IOPL}, {"ID", FL_ID}, {"RF", FL_RF}};

    for (unsigned int i = 0; i < ARRAY_LEN(sets); i++) {
        struct context ctx = context_at(u_look, flags);

        ctx.f.rflags = FL_FIXED | FL_IF | sets[i].set;
        ctx.f.rcx = 0xc0c0;
        ctx.f.r11 = 0x1111;
        user_run(&ctx);
        fact(sets[i].name, "%s flags 0x%lx %s", trap_name(&user_exit), user_exit.regs.r8 & ~FL_RF,
             !flags ? user_exit.regs.r9 == 0xc0c0 && user_exit.regs.r10 == 0x1111 ? "kept" : "lost"
             : user_exit.regs.r9 == ctx.f.rip ? "rcx is rip"
                                              : "rcx is not rip");
    }

    struct context ctx = context_at(u_nops, flags);
    ctx.f.rflags = FL_FIXED | FL_IF | FL_TF;
    user_run(&ctx);
    fact("TF", "%s after %lu bytes, frame TF %lu", trap_name(&user_exit), user_exit.rip - ctx.f.rip,
         user_exit.rflags >> 8 & 1);
    hc(set_debugreg, 6, 0xffff0ff0);
}

static void test_edges(int flags)
{
    static const struct {
        const char *name;
        u64 rip;
    } edges[] = {{"last-page", 0x7ffffffff000},        {"last-byte", 0x7fffffffffff},
                 {"first-beyond", 0x800000000000},     {"far-beyond", 0x123456789abcdef0},
                 {"before-upper", 0xffff7fffffffffff}, {"kernel-half", 0xffff900000000000}};

    for (unsigned int i = 0; i < ARRAY_LEN(edges); i++) {
        struct context ctx = context_at(u_syscall, flags);

        ctx.f.rip = edges[i].rip;
        user_run(&ctx);
        fact(edges[i].name, "%s rip-kept %s from-user %s", trap_name(&user_exit),
             user_exit.rip == edges[i].rip ? "yes" : "no",
             TRAP_FROM_USER(&user_exit) ? "yes" : "no");
    }
}

static void test_stacks(void)
{
    struct context ctx = context_at(u_syscall, 0);
    static const int offsets[] = {0, 8, 1, 15, 16, 24};

    for (unsigned int i = 0; i < ARRAY_LEN(offsets); i++) {
        ul sp = (ul)stacks + 2 * PAGE_SIZE - offsets[i];

        hc(stack_switch, FLAT_KERNEL_SS, sp);
        user_run(&ctx);
        check_num("stack-frame-below", (long)(sp - user_exit.frame), 56 + (sp & 15));
        check_true("stack-frame-rip", user_exit.rip == user_addr(u_syscall_end));
    }
    hc(stack_switch, FLAT_KERNEL_SS, stacks + PAGE_SIZE + 32); /* across two pages */
    user_run(&ctx);
    check_true("stack-across-pages", user_exit.entry == ENTRY_SYSCALL &&
                                         user_exit.rip == user_addr(u_syscall_end) &&
                                         user_exit.ss == USER_SS);
    hc(stack_switch, FLAT_KERNEL_SS, stacks + sizeof(stacks));
}

static void test_frames(int flags)
{
    static u8 room[2 * PAGE_SIZE] page_aligned;

    for (int below = 8; below <= 72; below += 16) {
        struct context *ctx = (struct context *)(room + PAGE_SIZE - below);

        *ctx = context_at(u_syscall, flags);
        ctx->f.rax = 77;
        user_run(ctx);
        check_true("iret-frame-across-pages",
                   user_exit.entry == ENTRY_SYSCALL && user_exit.regs.rax == 77 &&
                       user_exit.rip == user_addr(u_syscall_end) && user_exit.rsp == ctx->f.rsp);
    }
}

static void test_events(int flags)
{
    u32 port = evtchn_new_ipi(0);
    int before = event_upcalls;
    struct context ctx = context_at(u_syscall, flags);

    events_mask();
    port_unmask_local(port);
    evtchn_send(port);
    ctx.f.rflags = FL_FIXED; /* IF clear: user mode with events masked */
    user_run(&ctx);
    check_num("masked-entry", user_exit.entry, ENTRY_SYSCALL);
    check_num("masked-no-upcall", event_upcalls - before, 0);
    check_num("masked-saved-mask", TRAP_SAVED_MASK(&user_exit), 1);
    check_hex("masked-frame-IF", user_exit.rflags & FL_IF, 0);
    check_num("masked-handler-mask", user_exit.handler_mask, 1);
    ctx.f.rflags = FL_FIXED | FL_IF;
    user_run(&ctx);
    check_num("unmasked-upcall", event_upcalls - before, 1);
    check_num("unmasked-entry", user_exit.entry, ENTRY_SYSCALL);
    check_num("unmasked-saved-mask", TRAP_SAVED_MASK(&user_exit), 0);
    evtchn_close(port);
}

void test_main(void)
{
    static const int ways[] = {0, VGCF_in_syscall};

    user_init();
    events_unmask();
    for (unsigned int i = 0; i < ARRAY_LEN(ways); i++) {
        register_callback(i ? CALLBACKF_mask_events : 0);
        test_registers(ways[i]);
        test_flags(ways[i]);
        test_edges(ways[i]);
        test_stacks();
        test_frames(ways[i]);
        test_events(ways[i]);
        events_unmask();
    }
}
