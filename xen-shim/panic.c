// SPDX-License-Identifier: MIT
/*
 * The ways in which a domain ends badly.  All tell L0 "crashed": a reboot would loop.  No
 * allocation and no trust in state here.
 */
#include "console.h"
#include "hypercall.h"
#include "guestcon.h"
#include "l0.h"
#include "panic.h"
#include "shim.h"
#include "vcpu.h"

static void __noreturn end_crashed(void)
{
    if (l0.version)
        l0_shutdown(SHUTDOWN_crash);
    for (;;) /* no Xen: all CPUs halted with interrupts off ends the domain too */
        __asm__ volatile("cli; hlt");
}

void refuse(const char *fmt, ...)
{
    __builtin_va_list ap;

    __builtin_va_start(ap, fmt);
    vreport(fmt, ap);
    __builtin_va_end(ap);
    end_crashed();
}

void panic(const char *fmt, ...)
{
    __builtin_va_list ap;

    console_panic();
    report("internal error, please report it with the lines that follow:");
    __builtin_va_start(ap, fmt);
    vreport(fmt, ap);
    __builtin_va_end(ap);
    end_crashed();
}

static void show_regs(const struct regs *r)
{
    report("rip %016lx cs %04lx rflags %08lx rsp %016lx ss %04lx", r->rip, r->cs, r->rflags, r->rsp,
           r->ss);
    report("rax %016lx rbx %016lx rcx %016lx rdx %016lx", r->rax, r->rbx, r->rcx, r->rdx);
    report("rsi %016lx rdi %016lx rbp %016lx r8  %016lx", r->rsi, r->rdi, r->rbp, r->r8);
    report("r9  %016lx r10 %016lx r11 %016lx r12 %016lx", r->r9, r->r10, r->r11, r->r12);
    report("r13 %016lx r14 %016lx r15 %016lx cr2 %016lx", r->r13, r->r14, r->r15, read_cr2());
    report("cr3 %016lx vector %u error %x", read_cr3(), r->vector, r->error_code);
}

void guest_crash(const struct regs *regs, const char *why)
{
    struct vcpu *v = current();

    guestcon_flush(); /* its last lines come before ours */
    console_panic();
    report("guest crashed on vCPU %u in %s mode: %s", v->id, v->kernel_mode ? "kernel" : "user",
           why);
    show_regs(regs);
    end_crashed();
}

void panic_regs(const struct regs *r, const char *why)
{
    console_panic();
    report("internal error, please report it with the lines that follow: %s", why);
    show_regs(r);
    const struct regs *guest = (const struct regs *)(current()->stack_top - sizeof(*r));
    report("guest rip %016lx rsp %016lx", guest->rip, guest->rsp);
    end_crashed();
}

static bool test_enabled;

void panic_test_enable(void)
{
    test_enabled = true;
}

/* Runs over the stack's end, into the guard page below it. */
static u64 __attribute__((noinline)) recurse(u64 depth)
{
    volatile u64 here[32] = {depth};

    return depth ? recurse(depth - 1) + here[0] : 0;
}

/* Bugs made on purpose, see tests/l0/scenarios/shim-panic.sh; without test=panic no such call. */
s64 do_arch_7(u64 kind, u64 a2, u64 a3, u64 a4, u64 a5)
{
    (void)a2, (void)a3, (void)a4, (void)a5;
    if (!test_enabled)
        return -XEN_ENOSYS;
    switch (kind) {
    case 0: /* no address */
        return (s64) * (volatile u64 *)0x5555000000000000UL;
    case 1:
        return (s64)recurse(1000);
    }
    panic("test=panic: kind %lu", kind);
}
