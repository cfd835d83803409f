// SPDX-License-Identifier: MIT
/*
 * The ways in which a domain ends badly.  All tell L0 "crashed": a reboot would loop.  No
 * allocation and no trust in state here.
 */
#include "console.h"
#include "l0.h"
#include "panic.h"
#include "shim.h"
#include "vcpu.h"

void panic_end(void)
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
    panic_end();
}

void panic(const char *fmt, ...)
{
    __builtin_va_list ap;

    console_panic();
    report("internal error, please report it with the lines that follow:");
    __builtin_va_start(ap, fmt);
    vreport(fmt, ap);
    __builtin_va_end(ap);
    panic_end();
}

void panic_show_regs(const struct regs *r)
{
    report("rip %016lx cs %04lx rflags %08lx rsp %016lx ss %04lx", r->rip, r->cs, r->rflags, r->rsp,
           r->ss);
    report("rax %016lx rbx %016lx rcx %016lx rdx %016lx", r->rax, r->rbx, r->rcx, r->rdx);
    report("rsi %016lx rdi %016lx rbp %016lx r8  %016lx", r->rsi, r->rdi, r->rbp, r->r8);
    report("r9  %016lx r10 %016lx r11 %016lx r12 %016lx", r->r9, r->r10, r->r11, r->r12);
    report("r13 %016lx r14 %016lx r15 %016lx cr2 %016lx", r->r13, r->r14, r->r15, read_cr2());
    report("cr3 %016lx vector %u error %x", read_cr3(), r->vector, r->error_code);
}

void panic_regs(const struct regs *r, const char *why)
{
    console_panic();
    report("internal error, please report it with the lines that follow: %s", why);
    panic_show_regs(r);
    const struct regs *guest = vcpu_regs(current());
    report("guest rip %016lx rsp %016lx", guest->rip, guest->rsp);
    panic_end();
}
