// SPDX-License-Identifier: MIT
/* HYPERVISOR_iret of a 32-bit guest: EAX, EIP, CS, EFLAGS and, to an outer ring, ESP and SS lie on
 * its stack.  Most of its kernels use it only where their own IRET won't do. */
#include "count.h"
#include "crash.h"
#include "hypercall.h"
#include "shim.h"
#include "usercopy.h"

enum { EAX, EIP, CS, EFLAGS, ESP, SS, VM86_WORDS = 10 /* and ES, DS, FS, GS */ };

static void read_frame(const struct regs *r, u32 *f, u32 words)
{
    if (unlikely(!copy_from_guest(f, r->rsp, words * sizeof(*f))))
        guest_crash(r, "iret hypercall with a bad stack");
}

/* There is no VM86 mode under a 64-bit hypervisor.  The kernel gets the #GP of the first
 * instruction there, with the frame that the CPU would push, on the stack for user mode's. */
static u32 no_vm86(struct vcpu *v, struct regs *r)
{
    const struct trap_handler *t = &v->traps[X86_GP];
    u32 f[VM86_WORDS], sp = (u32)v->kernel_sp - sizeof(f);

    read_frame(r, f, VM86_WORDS);
    f[EAX] = 0; /* the error code */
    if (unlikely(!copy_to_guest(sp, f, sizeof(f))))
        guest_crash(r, "no stack for the #GP of an iret hypercall to VM86 mode");
    r->rsp = sp;
    r->ss = v->kernel_ss;
    r->rip = t->address;
    r->cs = t->cs;
    r->rflags &= ~(u64)HANDLER32_CLEARS;
    return f[EFLAGS] & (t->mask_events ? ~X86_EFLAGS_IF : ~0u);
}

void do_iret32(struct vcpu *v, struct regs *r)
{
    u32 f[SS + 1];

    COUNT(iret);
    r->rsp = (u32)r->rsp;
    read_frame(r, f, EFLAGS + 1);
    r->rax = f[EAX];
    r->rip = f[EIP];
    r->cs = (u16)f[CS];
    r->rflags = (f[EFLAGS] & IRET_FLAGS_KEPT) | X86_EFLAGS_IF | 2;
    if (v->iopl_assist)
        v->iopl = f[EFLAGS] >> 12 & 3;
    if (unlikely(f[EFLAGS] & X86_EFLAGS_VM)) {
        f[EFLAGS] = no_vm86(v, r);
    } else if (unlikely(!(r->cs & 3))) {
        guest_crash(r, "iret hypercall to ring 0");
    } else if ((r->cs & 3) == 1) {
        r->rsp = (u32)(r->rsp + (EFLAGS + 1) * sizeof(u32));
    } else {
        read_frame(r, f, SS + 1);
        r->rsp = f[ESP];
        r->ss = (u16)f[SS];
    }
    v->kernel_mode = (r->cs & 3) == 1;
    v->nmi_masked = false;
    v->vi->evtchn_upcall_mask = !(f[EFLAGS] & X86_EFLAGS_IF);
}
