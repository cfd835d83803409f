// SPDX-License-Identifier: MIT
/*
 * Sorting exceptions and interrupts.  From the guest: emulate, repair or bounce.  From the shim
 * itself (CPL 0): interrupts in HLT, marked instructions that may fault, IRETQ to the guest; any
 * other is a bug of ours.
 */
#include "trap.h"

#include "count.h"
#include "debugreg.h"
#include "emulate.h"
#include "evtchn.h"
#include "far.h"
#include "guest_time.h"
#include "guestcon.h"
#include "hypercall.h"
#include "kind.h"
#include "mmu.h"
#include "panic.h"
#include "shim.h"
#include "smp.h"

struct extable_entry {
    u64 start, end, fixup;
};
extern const struct extable_entry extable_start[], extable_end[];
extern u8 iretq_insn[];

static bool extable_fixup(struct regs *r)
{
    for (const struct extable_entry *e = extable_start; e < extable_end; e++)
        if (r->rip >= e->start && (r->rip < e->end || r->rip == e->start)) {
            r->rip = e->fixup;
            return true;
        }
    return false;
}

void trap_interrupt(struct vcpu *v, unsigned int vector)
{
    COUNT(interrupt);
    runstate_interrupt(v);
    switch (vector) {
    case VECTOR_UPCALL:
    case VECTOR_UPCALL_PIC:
        upcall_interrupt(v);
        timer_check(v);
        break;
    case VECTOR_TIMER:
        timer_interrupt(v);
        break;
    case VECTOR_COM1:
        guestcon_interrupt();
        if (guestcon_unfinished() && v->up)
            timer_run(v); /* for a tick soon */
        break;
    case VECTOR_IPI:
        smp_ipi(v);
        timer_check(v);
        break;
    }
}

/*
 * IRETQ to the guest faulted: a bad CS, SS or RIP.  The fault belongs to the context that was to
 * run.  Its GPRs were just popped, so they are in the new frame; its RIP to SS are still above it,
 * where the new frame's RSP points.  Join the two where a frame from the guest would lie, with the
 * mark that no instruction of the guest's was executed: user mode chose that RIP.
 */
static struct regs *move_iret_fault(struct vcpu *v, struct regs *r)
{
    const u64 below = offsetof(struct regs, rip);
    struct regs *target = vcpu_regs(v);
    struct cpu_frame frame = *(const struct cpu_frame *)r->rsp;

    memmove(target, r, below);
    memcpy(&target->rip, &frame, sizeof(frame));
    target->vector |= VECTOR_OF_IRET;
    return target;
}

/* In line where 64-bit guests wait; 32-bit ones have it from trap32.c. */
static inline __attribute__((always_inline)) struct regs *in_shim(struct vcpu *v, struct regs *r)
{
    switch (r->vector) {
    case X86_NMI:
        v->ist_used = true;
        v->nmi_pending = true;
        idle_interrupted(r);
        return r;
    case X86_DB: /* a watchpoint of the guest's hit by the shim, or MOV SS before SYSCALL */
        v->ist_used = true;
        __asm__ volatile("mov %0, %%dr6" ::"r"(DR6_ONES));
        r->rflags &= ~(u64)X86_EFLAGS_TF;
        return r;
    case X86_PF:
    case X86_GP:
    case X86_NP:
    case X86_SS:
    case X86_TS:
        if (extable_fixup(r))
            return r->rip == (u64)iretq_insn ? move_iret_fault(v, r) : r;
        break;
    default:
        if (r->vector >= 32) {
            trap_interrupt(v, r->vector);
            idle_interrupted(r);
            return r;
        }
    }
    panic_regs(r, "exception in the shim");
}

/* Never emulated or repaired: there is no instruction that could be decoded. */
static void bounce_iret_fault(struct vcpu *v, struct regs *r)
{
    unsigned int vector = r->vector & ~VECTOR_OF_IRET;

    r->cs = (u16)r->cs; /* as the CPU looked at it */
    r->ss = (u16)r->ss;
    if (vector == X86_PF)
        bounce_page_fault(v, r, read_cr2(), r->error_code);
    else
        bounce_exception(v, r, vector, r->error_code);
}

void trap_any_guest(struct vcpu *v, struct regs *r)
{
    switch (r->vector) {
    case X86_NM:
        v->fpu_ts = false;
        write_cr0(read_cr0() & ~(u64)X86_CR0_TS);
        kind->exception(v, r, X86_NM, 0);
        break;
    case X86_DB:
        v->ist_used = true;
        debugreg_hit(v, r->rflags);
        kind->exception(v, r, X86_DB, 0);
        break;
    case X86_NMI:
        v->ist_used = true;
        v->nmi_pending = true;
        break;
    default:
        panic_regs(r, r->vector == X86_DF ? "double fault" : "machine check");
    }
}

/* From the guest, or from IRETQ on its behalf. */
static void trap_in_guest(struct vcpu *v, struct regs *r)
{
    if (r->vector != X86_PF && r->vector < 32)
        COUNT(trap);
    switch (r->vector) {
    case X86_PF: {
        u64 addr = read_cr2();
        if (mmu_fault_repair(v, addr, r->error_code))
            break;
        /* behind what a far return of the kernel's pops the CPU looks for more */
        if (unlikely(addr - r->rsp < PAGE_SIZE) && far_return_fault(v, r))
            break;
        bounce_page_fault(v, r, addr, r->error_code);
        break;
    }
    case X86_NP:
    case X86_SS:
        if (!far_return_fault(v, r))
            bounce_exception(v, r, r->vector, r->error_code);
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
        bounce_int80(v, r);
        break;
    default:
        if (r->vector & VECTOR_OF_IRET)
            bounce_iret_fault(v, r);
        else if (r->vector >= 32)
            trap_interrupt(v, r->vector);
        else
            bounce_exception(v, r, r->vector, r->error_code);
    }
}

void trap_exit_work_now(struct vcpu *v, struct regs *r)
{
    if (unlikely(runstate_changed(v)) && !guest_table_is_users(v))
        runstate_update(v);
    if (unlikely(v->nmi_pending && !v->nmi_masked)) {
        v->nmi_pending = false;
        if (v->traps[X86_NMI].address || v->nmi.address) {
            v->nmi_masked = true;
            if (v->nmi.address)
                bounce_callback(v, r, &v->nmi);
            else
                bounce_exception(v, r, X86_NMI, 0);
        }
    }
    if (event_deliverable(v) && v->event.address) {
        COUNT(event);
        bounce_callback(v, r, &v->event);
    }
}

struct regs *trap_entry(struct regs *r)
{
    struct vcpu *v = current();

    if (unlikely(!(r->cs & 3))) {
        r = in_shim(v, r);
        if (!(r->cs & 3))
            return r;
    } else if (r->vector == X86_PF && !v->kernel_mode) {
        u64 addr = read_cr2();
        u32 error_code = r->error_code;
        /* most often a page of user mode's that isn't there: nothing to repair */
        if (error_code & PF_P || (s64)addr < 0 || v->user_table_dirty) {
            bool copy = error_code == (PF_P | PF_W | PF_U) && (s64)addr >= 0;
            if (!copy || !mmu_user_read_only(v, addr))
                error_code = mmu_user_fault(v, addr, error_code);
        }
        if (error_code)
            bounce_page_fault(v, r, addr, error_code);
        trap_exit_work(v, r);
        return r;
    } else if (unlikely((r->cs & 3) == 3 && v->kernel_mode)) {
        /* The guest kernel returned to itself by an IRETQ of its own, to the selectors that Xen
         * shows: put it back in ring 1, where its memory is accessible, and try again.
         * (CS is read anew: held in a register it would cost user mode's page faults.) */
        far_note_selectors(v, (u16)ACCESS_ONCE(r->cs), (u16)r->ss);
        r->cs = SEL_RING1_CS;
        r->ss = SEL_RING1_DS;
        if (r->vector == X86_PF || r->vector == X86_GP)
            return r;
    }
    trap_in_guest(v, r);
    trap_exit_work(v, r);
    return r;
}

struct regs *trap_in_shim(struct vcpu *v, struct regs *r)
{
    return in_shim(v, r);
}
