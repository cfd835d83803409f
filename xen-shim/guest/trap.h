/* SPDX-License-Identifier: MIT */
/* Exceptions and interrupts: sorting them (trap.c) and passing them to the guest (bounce.c). */
#ifndef SHIM_TRAP_H
#define SHIM_TRAP_H

#include "guest_time.h"
#include "vcpu.h"

/* From entry.S; returns the frame to leave the shim by. */
struct regs *trap_entry(struct regs *r);

/* trap32.c: the same for a 32-bit guest. */
struct regs *trap32_entry(struct regs *r);

/* What trap.c and trap32.c share.  An exception or interrupt in ring 0: the frame to leave by, r
 * itself or, for a fault of the IRETQ to the guest, that of the context which was to run: its CS
 * isn't ring 0's. */
struct regs *trap_in_shim(struct vcpu *v, struct regs *r);
void trap_interrupt(struct vcpu *v, unsigned int vector);
/* Where the guest ran: #NM, #DB, NMI, #DF, #MC. */
void trap_any_guest(struct vcpu *v, struct regs *r);

/* The last thing before the guest runs on: run-state, pending NMI and events. */
void trap_exit_work_now(struct vcpu *v, struct regs *r);
static inline void trap_exit_work(struct vcpu *v, struct regs *r)
{
    if (unlikely(runstate_changed(v) || v->nmi_pending ||
                 (v->vi->evtchn_upcall_pending && !v->vi->evtchn_upcall_mask)))
        trap_exit_work_now(v, r);
}

/* Vectors whose hardware exception pushes an error code. */
#define HAS_ERROR_CODE                                                                             \
    (1u << X86_DF | 1u << X86_TS | 1u << X86_NP | 1u << X86_SS | 1u << X86_GP | 1u << X86_PF |     \
     1u << X86_AC | 1u << X86_CP)

/* bounce.c: make the guest run a handler of its own next.  Error codes as the hardware's. */
void bounce_exception(struct vcpu *v, struct regs *r, unsigned int vector, u32 error_code);
/* As INT n does it: no error code, RIP already behind the instruction. */
void bounce_soft_interrupt(struct vcpu *v, struct regs *r, unsigned int vector);
void bounce_callback(struct vcpu *v, struct regs *r, const struct callback *cb);
/* The failsafe callback, with DS, ES, FS and GS as they should have been; from start.c only, as
 * nothing of a running vCPU's is ever loaded anew. */
void bounce_failsafe(struct vcpu *v, struct regs *r, const u16 sel[4]);
void bounce_page_fault(struct vcpu *v, struct regs *r, u64 addr, u32 error_code);
/* INT 0x80 by its own gate. */
void bounce_int80(struct vcpu *v, struct regs *r);
/* SYSENTER of user mode, to the callback.  False: there is none, or it was the kernel's. */
bool bounce_sysenter(struct vcpu *v, struct regs *r);

/* Current I/O privilege check of the guest: the kernel counts as CPL 1, or as 0 if it asked to have
 * the IOPL in its frames (VMASST_TYPE_architectural_iopl). */
static inline bool guest_iopl_ok(const struct vcpu *v)
{
    return (!v->kernel_mode ? 3 : v->iopl_assist ? 0 : 1) <= v->iopl;
}

#endif
