// SPDX-License-Identifier: MIT
/*
 * HYPERVISOR_iret of a 32-bit guest.  On its stack: EAX EIP CS EFLAGS, and ESP SS when it goes to
 * user mode.  Kernels mostly use the CPU's own IRET, which works in ring 1.
 */
#include "bounce32.h"

#include "count.h"
#include "crash.h"
#include "shim.h"
#include "usercopy.h"

enum { EAX, EIP, CS, EFLAGS, ESP, SS, WORDS };

static void get(const struct regs *r, u32 *words, unsigned int n)
{
    if (!copy_from_guest(words, (u32)r->rsp, n * sizeof(*words)))
        guest_crash(r, "iret hypercall with a bad stack");
}

/*
 * To VM86 mode, which a CPU in long mode doesn't have: #GP of the first instruction there, with the
 * frame that such an exception has, ten words with the four segment registers.
 */
static void refuse_vm86(struct vcpu *v, struct regs *r)
{
    const struct trap_handler *t = &v->traps[X86_GP];
    u32 words[10], sp = (u32)v->kernel_sp;
    u32 error_code = 0;

    get(r, words, ARRAY_SIZE(words));
    if (!(t->cs & ~3u))
        guest_crash(r, "no handler registered for an exception or callback");
    if (!push32(v, v->kernel_ss, &sp, words + EIP, ARRAY_SIZE(words) - EIP) ||
        !push32(v, v->kernel_ss, &sp, &error_code, 1))
        guest_crash(r, "its kernel stack is not writable for a return to VM86 mode");
    r->ss = v->kernel_ss;
    r->rsp = sp;
    r->cs = t->cs;
    r->rip = (u32)t->address;
    if (t->mask_events)
        v->vi->evtchn_upcall_mask = 1;
    r->rflags = (r->rflags & ~(u64)HANDLER_CLEARS) | X86_EFLAGS_IF;
}

void do_iret32(struct vcpu *v, struct regs *r)
{
    u32 f[WORDS];

    COUNT(iret);
    get(r, f, ESP);
    r->rax = f[EAX];
    if (v->iopl_assist)
        v->iopl = f[EFLAGS] >> 12 & 3;
    v->nmi_masked = false;
    if (f[EFLAGS] & X86_EFLAGS_VM) {
        v->vi->evtchn_upcall_mask = !(f[EFLAGS] & X86_EFLAGS_IF);
        refuse_vm86(v, r);
        return;
    }
    if (!(f[CS] & 3))
        guest_crash(r, "return to ring 0");
    if ((f[CS] & 3) == 1) {
        r->rsp = (u32)r->rsp + ESP * 4;
    } else {
        get(r, f, WORDS);
        r->rsp = f[ESP];
        r->ss = (u16)f[SS];
    }
    r->rip = f[EIP];
    r->cs = (u16)f[CS];
    r->rflags = (f[EFLAGS] & IRET_FLAGS_KEPT) | X86_EFLAGS_IF | 2;
    v->kernel_mode = !(f[CS] & 2);
    v->vi->evtchn_upcall_mask = !(f[EFLAGS] & X86_EFLAGS_IF);
}
