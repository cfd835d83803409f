// SPDX-License-Identifier: MIT
/*
 * Exceptions and interrupts while a 32-bit guest runs, as trap.c has them for one of 64 bits.  Its
 * kernel is in ring 1 and goes to ring 3 and back to itself by IRETs of its own, so which mode it
 * was in is told by CS; the shim's own code is the same.
 */
#include "bounce32.h"
#include "count.h"
#include "emulate.h"
#include "evtchn.h"
#include "guest_time.h"
#include "isolate32.h"
#include "mmu.h"
#include "segment.h"
#include "shim.h"
#include "trap.h"

static void page_fault(struct vcpu *v, struct regs *r, u64 addr, u32 error_code)
{
    if (v->kernel_mode ? mmu_fault_repair(v, addr, error_code)
                       : isolate32_fault(v, addr, &error_code))
        return;
    bounce32_page_fault(v, r, addr, error_code);
}

/* The exception of an IRET to the guest belongs to what was to run. */
static void iret_fault(struct vcpu *v, struct regs *r)
{
    unsigned int vector = r->vector & ~VECTOR_OF_IRET;

    if (vector == X86_PF)
        bounce32_page_fault(v, r, read_cr2(), r->error_code);
    else
        bounce32_exception(v, r, vector, r->error_code);
}

/* SYSCALL in compatibility mode, which AMD's CPUs have: user mode's. */
static void syscall(struct vcpu *v, struct regs *r)
{
    COUNT(syscall);
    if (!selector_is_null(v->syscall32.cs)) {
        bounce32_callback(v, r, &v->syscall32);
    } else {
        r->rip = (u32)(r->rip - 2);
        bounce32_exception(v, r, X86_GP, 0); /* and not the #UD of 64 bits */
    }
}

static void in_guest(struct vcpu *v, struct regs *r)
{
    if (r->vector != X86_PF && r->vector < 32)
        COUNT(trap);
    switch (r->vector) {
    case X86_PF:
        page_fault(v, r, read_cr2(), r->error_code);
        break;
    case X86_GP:
        emulate_gp(v, r);
        break;
    case X86_UD:
        emulate_ud(v, r);
        break;
    case X86_NM:
    case X86_DB:
    case X86_NMI:
    case X86_DF:
    case X86_MC:
        trap_any_guest(v, r);
        break;
    case 0x80:
        bounce32_int80(v, r);
        break;
    case VECTOR_SYSCALL32:
        syscall(v, r);
        break;
    default:
        if (r->vector & VECTOR_OF_IRET)
            iret_fault(v, r);
        else if (r->vector >= 32)
            trap_interrupt(v, r->vector);
        else
            bounce32_exception(v, r, r->vector, r->error_code);
    }
}

void exit_work32(struct vcpu *v, struct regs *r)
{
    if (unlikely(runstate_changed(v)))
        runstate_update(v);
    if (unlikely(v->nmi_pending && !v->nmi_masked)) {
        v->nmi_pending = false;
        if (!selector_is_null(v->traps[X86_NMI].cs) || !selector_is_null(v->nmi.cs)) {
            v->nmi_masked = true;
            if (!selector_is_null(v->nmi.cs))
                bounce32_callback(v, r, &v->nmi);
            else
                bounce32_exception(v, r, X86_NMI, 0);
        }
    }
    if (event_deliverable(v) && !selector_is_null(v->event.cs)) {
        COUNT(event);
        bounce32_callback(v, r, &v->event);
    }
    if (unlikely(isolate && !v->kernel_mode))
        isolate32_refresh(v);
}

struct regs *trap32_entry(struct regs *r)
{
    struct vcpu *v = current();

    if (unlikely(!(r->cs & 3))) {
        r = trap_in_shim(v, r);
        if (!(r->cs & 3))
            return r;
    }
    v->kernel_mode = !(r->cs & 2);
    in_guest(v, r);
    exit_work32(v, r);
    return r;
}
