// SPDX-License-Identifier: MIT
/*
 * A kernel that returns to itself with its own IRETQ, to the selectors 0xe033 and 0xe02b, as NetBSD
 * and Mini-OS do (pv-guest-abi 3.4): correct on Xen, where the kernel runs in ring 3 anyway. A shim
 * that runs the kernel elsewhere finds it in the wrong ring afterwards, and must set that right at
 * the next fault, interrupt or SYSCALL without the kernel noticing. So after such a return this
 * test does every sort of thing first: memory access, hypercall, emulated instruction, exception,
 * event, user mode.
 */
#include "guest.h"

USER_CODE(u_ud2, "ud2");

static int returns;
static bool (*events)(struct trap *t);

/* Leaves by IRETQ instead of the hypercall; the mask is restored by hand before, like those
 * kernels. */
static void __attribute__((noreturn)) own_iretq(struct trap *t)
{
    struct {
        struct gprs regs;
        u64 rip, cs, rflags, rsp, ss;
    } frame = {
        .regs = t->regs,
        .rip = t->rip,
        .cs = TRAP_CS(t) | 3,
        .rflags = t->rflags,
        .rsp = t->rsp,
        .ss = t->ss | 3,
    };

    returns++;
    WRITE_ONCE(vcpu0_info->evtchn_upcall_mask, TRAP_SAVED_MASK(t));
    asm volatile("mov %0, %%rsp\n\t"
                 "pop %%r15; pop %%r14; pop %%r13; pop %%r12; pop %%r11; pop %%r10; pop %%r9\n\t"
                 "pop %%r8; pop %%rbp; pop %%rdi; pop %%rsi; pop %%rdx; pop %%rcx; pop %%rbx\n\t"
                 "pop %%rax; iretq" ::"r"(&frame)
                 : "memory");
    __builtin_unreachable();
}

static bool hook(struct trap *t)
{
    if (TRAP_FROM_USER(t))
        return false;
    if (t->entry == ENTRY_EVENT)
        events(t);
    else if (trap_resume_rip) {
        last_trap = *t;
        t->rip = trap_resume_rip;
        trap_resume_rip = 0;
    } else
        return false;
    own_iretq(t);
}

/* The next instruction after each of these runs where IRETQ left us. */
static void fault(void)
{
    PROBE("ud2", NONE, NONE);
}

static void test_after_return(void)
{
    static volatile u64 word = 5;
    u64 cr3, *page = page_alloc();
    u32 sel;
    void (*volatile far_function)(void) = events_mask;

    fault();
    check_hex("read-write", word += 1, 6);
    fault();
    check_rc("hypercall", hc(xen_version, XENVER_pagesize, 0), 4096);
    fault();
    asm volatile("mov %%cr3, %0" : "=r"(cr3));
    check_true("emulated-mov-cr3", cr3 >> 12 == mfn_of(kernel_l4()));
    fault();
    PROBE("ud2", NONE, NONE);
    check_trap("exception", X_UD, -1);
    check_hex("exception-cs", TRAP_CS(&last_trap), 0xe030);
    check_hex("exception-ss", last_trap.ss, 0xe02b);
    fault();
    PROBE("int3", NONE, NONE);
    check_trap("int3", X_BP, -1);
    check_hex("int3-cs", TRAP_CS(&last_trap), 0xe030);
    fault();
    PROBE("hlt", NONE, NONE);
    check_trap("hlt", X_GP, 0);
    fault();
    PROBE("mov (%0), %%rax", NONE, "r"(VIRT_BASE + 0x3f000000UL), "rax");
    check_trap("page-fault-bits", X_PF, 0);
    make_readonly(page);
    fault();
    PROBE("movq $1, (%0)", NONE, "r"(page));
    check_trap("page-fault-write-bits", X_PF, 3);
    make_writable(page);
    fault();
    far_function();
    check_num("call", vcpu0_info->evtchn_upcall_mask, 1);
    fault();
    asm volatile("mov %%ss, %0" : "=r"(sel));
    fact("ss", "0x%x", sel & 0xffff);
    fault();
    PROBE("cli", NONE, NONE);
    check_trap("cli", X_GP, 0);
    asm volatile("mov %0, %%ds; mov %0, %%es" ::"r"(0));
    fault();
    PROBE(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e; cpuid", NONE, "a"(0x40000000), "rbx", "rcx", "rdx");
    check_trap("forced-emulation", X_NONE, 0);
}

static void test_events(void)
{
    u32 port = evtchn_new_ipi(0);

    port_unmask_local(port);
    events_unmask();
    event_count[port] = 0;
    evtchn_send(port);
    check_num("event", event_count[port], 1);
    evtchn_send(port);
    check_num("event-again", event_count[port], 2);
    fault();
    evtchn_send(port);
    check_num("event-after-return", event_count[port], 3);
    check_num("event-mask", vcpu0_info->evtchn_upcall_mask, 0);
    evtchn_close(port);
}

static void test_user(void)
{
    user_init();
    fault();
    user_run_at(user_addr(u_ud2));
    check("user-after-return", user_exit.entry == X_UD && TRAP_FROM_USER(&user_exit), "%s",
          trap_name(&user_exit));
    fault();
    check_true("kernel-after-user", vcpu0_info != NULL);
    PROBE("mov (%0), %%rax", NONE, "r"((ul)user_addr(u_ud2)), "rax");
    check_trap("user-page-readable", X_NONE, 0);
}

static void test_many(void)
{
    int before = returns;

    for (int i = 0; i < 1000; i++)
        fault();
    check_num("many", returns - before, 1000);
}

static void test_stack_page(void)
{
    u64 *stack = page_alloc();
    u64 value;

    /* Right after the return: a push, on a page the processor hasn't seen yet. */
    asm volatile("mov %%rsp, %%rbx; mov %1, %%rsp; movq $9f, trap_resume_rip(%%rip); ud2\n"
                 "9:\tpush $0x77; pop %0; mov %%rbx, %%rsp"
                 : "=r"(value)
                 : "r"(stack + 256)
                 : "rbx", "memory");
    check_hex("push", value, 0x77);
}

void test_main(void)
{
    events = trap_hook;
    trap_hook = hook;
    test_after_return();
    test_events();
    test_many();
    test_stack_page();
    test_user();
    check_true("returns-by-iretq", returns > 1000);
}
