// SPDX-License-Identifier: MIT
/*
 * The two passes of a system call of a 32-bit guest (pv-guest-abi 3.2, 3.4) where a hypervisor is
 * tempted to take a short way: INT 0x80 to the guest's handler, and the way back, by the iret
 * hypercall and by the CPU's own IRET. Every register and flag passes in both directions; return
 * addresses where nothing of the guest's can be; kernel stacks that aren't aligned, straddle a page
 * or are in a segment of the guest's own, flat or not; a handler in a code segment of its own; iret
 * frames that straddle a page; a watchpoint on the frame; events masked or pending in user mode.
 */
#include "guest.h"

USER_CODE(u_call, "int $0x80");
USER_CODE(u_call_end, "ud2");
/* In EBX: EFLAGS as user mode is entered with them. */
USER_CODE(u_look, "pushfl; pop %ebx; cld; int $0x80; ud2");
USER_CODE(u_nops, "nop; nop; nop; int $0x80; ud2");

asm(".pushsection .text\n.globl k_hyper_iret\nk_hyper_iret: mov $23, %eax; int $0x82\n.popsection");
extern u8 k_hyper_iret[];

static u8 stacks[3 * PAGE_SIZE] page_aligned;
static bool native, masks;

static struct trap *go(struct context *ctx)
{
    return native ? user_run_native(ctx) : user_run(ctx);
}

static struct context context_at(const void *code)
{
    return user_context(user_addr(code));
}

static bool is_call(const struct trap *t, const struct context *ctx)
{
    return t->entry == 0x80 && !t->has_error && t->rip == user_addr(u_call_end) &&
           TRAP_CS(t) == USER_CS && t->rsp == ctx->f.rsp && (u16)t->ss == USER_SS;
}

static void test_registers(void)
{
    struct context ctx = context_at(u_call);
    const ul *in = (const ul *)&ctx.regs, *out = (const ul *)&user_exit.regs;
    const unsigned int n = sizeof(struct gprs) / sizeof(ul), own = offsetof(struct gprs, rsp) / 4;
    ul wrong = 0;

    ctx.regs = (struct gprs){.gs = USER_SS,
                             .fs = USER_CS,
                             .es = USER_SS,
                             .ds = USER_SS,
                             .rdi = 0x11223344,
                             .rsi = 0x55667788,
                             .rbp = 0x99aabbcc,
                             .rbx = 0xddeeff00,
                             .rdx = 0x80000001,
                             .rcx = 0x7fffffff,
                             .rax = 0xcafef00d};
    ctx.f.rax = ctx.regs.rax;
    for (int round = 0; round < 200; round++) {
        if (!is_call(go(&ctx), &ctx))
            wrong |= 1u << 31;
        for (unsigned int i = 0; i < n; i++)
            if (i != own && in[i] != (i < 4 ? (u16)out[i] : out[i]))
                wrong |= 1u << i;
    }
    check_hex("registers-changed", wrong, 0);
    check_num("slots", kernel_stack_end - user_exit.frame, 5 * sizeof(ul));
    check_num("handler-mask", user_exit.handler_mask, masks);
    /* an IRET leaves it as the handler before has it */
    check_num("saved-mask", TRAP_SAVED_MASK(&user_exit), native && masks);
    check_hex("cs-slot-rest", user_exit.cs_slot >> 24, 0);
}

static void test_flags(void)
{
    static const struct {
        const char *name;
        ul set;
    } sets[] = {{"none", 0},       {"CF", FL_CF}, {"all-arithmetic", 0x8d5},
                {"DF", FL_DF},     {"AC", FL_AC}, {"NT", FL_NT},
                {"IOPL", FL_IOPL}, {"ID", FL_ID}, {"RF", FL_RF}};

    for (unsigned int i = 0; i < ARRAY_LEN(sets); i++) {
        struct context ctx = context_at(u_look);

        ctx.f.rflags = FL_FIXED | FL_IF | sets[i].set;
        go(&ctx);
        fact(sets[i].name, "%s flags 0x%lx frame 0x%lx handler 0x%lx", trap_name(&user_exit),
             user_exit.regs.rbx & ~(ul)FL_RF, user_exit.rflags & ~(ul)FL_RF,
             user_exit.handler_rflags & ~(ul)0x8d5);
    }

    struct context ctx = context_at(u_nops);
    ctx.f.rflags = FL_FIXED | FL_IF | FL_TF;
    go(&ctx);
    fact("TF", "%s after %lu bytes, frame TF %lu", trap_name(&user_exit), user_exit.rip - ctx.f.rip,
         user_exit.rflags >> 8 & 1);
    hc(set_debugreg, 6, 0xffff0ff0);
}

/* Whether something is there in the hypervisor's part depends on the table. */
static void test_edges(void)
{
    static const struct {
        const char *name;
        ul rip;
    } edges[] = {{"null", 0},
                 {"kernel", VIRT_BASE},
                 {"below-hole", HYPERVISOR_AT - PAGE_SIZE},
                 {"hole", HYPERVISOR_AT},
                 {"last-byte", 0xffffffff}};

    for (unsigned int i = 0; i < ARRAY_LEN(edges); i++) {
        struct context ctx = context_at(u_call);
        const struct trap *t;

        ctx.f.rip = edges[i].rip;
        t = go(&ctx);
        fact(edges[i].name, "%s[%x] rip-kept %s cr2 %s from-user %s",
             t->entry == X_PF ? "#PF" : trap_name(t), t->error & ~1u,
             t->rip == edges[i].rip ? "yes" : "no", t->cr2 == edges[i].rip ? "right" : "wrong",
             TRAP_FROM_USER(t) ? "yes" : "no");
    }
}

static void set_stack(ul ss, ul sp)
{
    kernel_stack_end = sp;
    check_rc("stack_switch", hc(stack_switch, ss, sp), 0);
}

static void test_stacks(void)
{
    static const int offsets[] = {0, 4, 1, 2, 7, 8};
    struct context ctx = context_at(u_call);

    for (unsigned int i = 0; i < ARRAY_LEN(offsets); i++) {
        set_stack(FLAT_KERNEL_SS, (ul)stacks + 2 * PAGE_SIZE - offsets[i]);
        check_true("stack-frame", is_call(go(&ctx), &ctx));
        check_num("stack-frame-below", (long)(kernel_stack_end - user_exit.frame), 20);
    }
    set_stack(FLAT_KERNEL_SS, (ul)stacks + 2 * PAGE_SIZE + 8); /* across two pages */
    check_true("stack-across-pages", is_call(go(&ctx), &ctx));
    set_stack(FLAT_KERNEL_SS, (ul)stacks + sizeof(stacks));
}

#define DESC(type, limit, flags)                                                                   \
    ((u64)((limit)&0xffff) | (u64)(type) << 40 | (u64)((limit) >> 16 & 15) << 48 |                 \
     (u64)(flags) << 52)

/* Segments of the guest's own, as kernels have them: for the stack, and for the handler. */
static void test_segments(void)
{
    static const struct {
        const char *name;
        u64 descriptor;
    } data[] = {
        {"own-flat", DESC(0xb3, 0xfffff, 0xc)},
        {"own-flat-not-accessed", DESC(0xb2, 0xfffff, 0xc)},
        {"own-flat-with-software's-bit", DESC(0xb3, 0xfffff, 0xd)},
        {"own-with-limit", DESC(0xb3, 0xdffff, 0xc)},
        {"own-expanding-down", DESC(0xb7, 0x00000, 0xc)},
    };
    u64 *gdt = page_alloc();
    ul frames[1] = {mfn_of(gdt)};
    struct context ctx = context_at(u_call);
    struct trap_info handler[2] = {
        {.vector = 0x80, .flags = 3 | (masks ? 4 : 0), .cs = 0x09, .address = trap_stub(0x80)}};
    u16 cs, ss;

    gdt[1] = DESC(0xbb, 0xfffff, 0xc);
    for (unsigned int i = 0; i < ARRAY_LEN(data); i++)
        gdt[2 + i] = data[i].descriptor;
    make_readonly(gdt);
    check_rc("set_gdt", hc(set_gdt, frames, 512), 0);
    for (unsigned int i = 0; i < ARRAY_LEN(data); i++) {
        set_stack((2 + i) << 3 | 1, (ul)stacks + 2 * PAGE_SIZE);
        check_true(data[i].name, is_call(go(&ctx), &ctx));
        asm volatile("mov %%ss, %0" : "=r"(ss));
        check_hex(data[i].name, ss, (2 + i) << 3 | 1);
        check_num(data[i].name, (long)(kernel_stack_end - user_exit.frame), 20);
        asm volatile("mov %0, %%ss" ::"r"((u32)FLAT_KERNEL_SS));
    }
    set_stack(FLAT_KERNEL_SS, (ul)stacks + sizeof(stacks));
    check_rc("own-handler", hc(set_trap_table, handler), 0);
    check_true("own-handler-called", is_call(go(&ctx), &ctx));
    asm volatile("mov %%cs, %0" : "=r"(cs));
    check_hex("own-handler-cs", cs, 0x09);
    asm volatile("ljmp %0, $1f\n1:" ::"i"(FLAT_KERNEL_CS));
    trap_set(0x80, 3, masks);
    check_rc("no-gdt", hc(set_gdt, 0, 0), 0);
    make_writable(gdt);
}

/* The words that HYPERVISOR_iret takes, on two pages. */
static void test_frames(void)
{
    static u8 room[2 * PAGE_SIZE] page_aligned;
    const struct context to = context_at(u_call);

    for (int below = 4; below <= 20; below += 4) {
        ul *frame = (ul *)(room + PAGE_SIZE - below);
        struct context ctx = {
            .f = {.rip = (ul)k_hyper_iret,
                  .cs = FLAT_KERNEL_CS,
                  .rflags = FL_FIXED | FL_IF,
                  .rsp = (ul)frame},
            .regs = to.regs,
        };

        memcpy(frame, &to.f, sizeof(to.f));
        frame[0] = 77;
        user_run(&ctx);
        check_true("iret-frame-across-pages", is_call(&user_exit, &to) && user_exit.regs.rax == 77);
    }
}

/* A watchpoint on the slot that the hypervisor writes the address to. */
static void test_watched(void)
{
    struct context ctx = context_at(u_call);
    ul slot = go(&ctx)->frame;

    check_rc("watch-address", hc(set_debugreg, 0, slot), 0);
    check_rc("watch-writes-of-4", hc(set_debugreg, 7, 0xd0001), 0);
    for (int i = 0; i < 3; i++)
        check_true("watched-frame", is_call(go(&ctx), &ctx));
    check_rc("watch-off", hc(set_debugreg, 7, 0), 0);
    hc(set_debugreg, 6, 0xffff0ff0);
}

static void test_events(void)
{
    u32 port = evtchn_new_ipi(0);
    int before = event_upcalls;
    struct context ctx = context_at(u_call);

    events_mask();
    port_unmask_local(port);
    evtchn_send(port);
    ctx.f.rflags = FL_FIXED; /* IF clear: user mode with events masked */
    go(&ctx);
    check_num("masked-entry", user_exit.entry, 0x80);
    check_num("masked-no-upcall", event_upcalls - before, 0);
    check_num("masked-saved-mask", TRAP_SAVED_MASK(&user_exit), 1);
    check_hex("masked-frame-IF", user_exit.rflags & FL_IF, 0);
    check_num("masked-handler-mask", user_exit.handler_mask, 1);
    ctx.f.rflags = FL_FIXED | FL_IF;
    if (native)
        events_unmask(); /* an IRET doesn't */
    go(&ctx);
    check_num("unmasked-upcall", event_upcalls - before, 1);
    check_num("unmasked-entry", user_exit.entry, 0x80);
    check_num("unmasked-saved-mask", TRAP_SAVED_MASK(&user_exit), 0);
    evtchn_close(port);
    events_unmask();
}

void test_main(void)
{
    user_init();
    for (int i = 0; i < 4; i++) {
        native = i & 1;
        masks = i & 2;
        print("by %s, handler %s events\n", native ? "IRET" : "hypercall",
              masks ? "masks" : "doesn't mask");
        trap_set(0x80, 3, masks);
        events_unmask();
        test_registers();
        events_unmask();
        test_flags();
        events_unmask();
        test_edges();
        test_stacks();
        test_segments();
        events_unmask();
        test_frames();
        test_watched();
        test_events();
    }
}
