// SPDX-License-Identifier: MIT
/* HYPERVISOR_iret: how a 64-bit guest kernel returns from its handlers, to itself or to user
 * mode.  The frame is struct iret_context on its stack. */
#include "count.h"
#include "crash.h"
#include "debugreg.h"
#include "far.h"
#include "hypercall.h"
#include "mode.h"
#include "shim.h"
#include "trap.h"
#include "usercopy.h"

void do_iret(struct vcpu *v, struct regs *r)
{
    struct iret_context f;

    COUNT(iret);
    if (unlikely(!copy_from_guest(&f, r->rsp, sizeof(f))))
        guest_crash(r, "iret hypercall with a bad stack");

    if ((f.cs & 3) == 3) {
        if (unlikely(!v->user_cr3))
            guest_crash(r, "return to user mode without a user page table");
        mode_enter_user(v);
        r->cs = (u16)f.cs;
        r->ss = (u16)f.ss | 3;
    } /* else: the ring 1 pair that syscall_entry put there */
    r->rip = f.rip;
    r->rsp = f.rsp;
    if (v->iopl_assist)
        v->iopl = f.rflags >> 12 & 3;
    r->rflags = (f.rflags & IRET_FLAGS_KEPT) | X86_EFLAGS_IF | 2;
    if (f.flags & VGCF_in_syscall) {
        if (!v->kernel_mode) { /* as by SYSRET: to a flat segment of Xen's */
            if (f.cs == SEL_USER_CS32)
                r->rip = (u32)f.rip;
            else
                r->cs = SEL_USER_CS;
            r->ss = SEL_USER_DS;
        }
        r->rcx = f.rip;
        r->r11 = f.rflags;
    } else {
        r->rcx = f.rcx;
        r->r11 = f.r11;
    }
    r->rax = f.rax;
    v->vi->evtchn_upcall_mask = !(f.rflags & X86_EFLAGS_IF);
    v->nmi_masked = false;
    if (v->kernel_mode) {
        far_iret(v, r, (u16)f.cs | 3, (u16)f.ss | 3);
    } else if (unlikely(f.flags & VGCF_in_syscall && f.rflags & X86_EFLAGS_TF)) {
        v->dr[6] |= DR6_STEP; /* SYSRET that sets TF traps at once, IRETQ an instruction later */
        bounce_exception(v, r, X86_DB, 0);
    }
}
