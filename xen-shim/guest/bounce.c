// SPDX-License-Identifier: MIT
/*
 * Bounce frames: what a 64-bit PV guest finds on its kernel stack when one of its handlers runs
 * (<xen/arch-x86/xen-x86_64.h> and docs/DESIGN.md, "life of an exception"):
 *
 *     SS RSP RFLAGS CS RIP [error code] R11 RCX   <- RSP, high to low
 *
 * CS carries the old event mask in bits 32-39; RFLAGS.IF is its inverse.
 */
#include "trap.h"

#include "count.h"
#include "crash.h"
#include "mode.h"
#include "regs.h"
#include "shim.h"
#include "usercopy.h"

#define NO_ERROR_CODE (1UL << 32)

/* Straight stores: cheaper than a copy of an array.  False when one of them faulted. */
static inline bool store_frame(u64 *top, const struct regs *r, u64 cs, u64 rflags, u64 ss,
                               u64 error_code)
{
    bool ok = false;
    u64 tmp;

    __asm__ volatile(
        "1: movq %[ss], -8(%[top])\n"
        "movq %c[o_rsp](%[r]), %[tmp]\n movq %[tmp], -16(%[top])\n"
        "movq %[rflags], -24(%[top])\n"
        "movq %[cs], -32(%[top])\n"
        "movq %c[o_rip](%[r]), %[tmp]\n movq %[tmp], -40(%[top])\n"
        "btq $32, %[ec]\n jc 2f\n" /* NO_ERROR_CODE */
        "movq %[ec], -48(%[top])\n"
        "sub $8, %[top]\n"
        "2: movq %c[o_r11](%[r]), %[tmp]\n movq %[tmp], -48(%[top])\n"
        "movq %c[o_rcx](%[r]), %[tmp]\n movq %[tmp], -56(%[top])\n"
        "movb $1, %[ok]\n"
        "3:\n"
        ".pushsection .extable, \"a\"\n .quad 1b, 3b, 3b\n.popsection"
        : [ok] "+&q"(ok), [top] "+&r"(top), [tmp] "=&r"(tmp)
        : [ss] "r"(ss), [rflags] "r"(rflags), [cs] "r"(cs), [ec] "r"(error_code), [r] "r"(r),
          [o_rsp] "i"(offsetof(struct regs, rsp)), [o_rip] "i"(offsetof(struct regs, rip)),
          [o_r11] "i"(offsetof(struct regs, r11)), [o_rcx] "i"(offsetof(struct regs, rcx))
        : "memory", "cc");
    return ok;
}

static void push_frame(struct vcpu *v, struct regs *r, u64 handler, bool mask_events,
                       u64 error_code)
{
    u64 sp = r->rsp, cs = SEL_SEEN_KERNEL_CS, ss = SEL_SEEN_KERNEL_SS;
    u8 mask = v->vi->evtchn_upcall_mask;

    if (!handler)
        guest_crash(r, "no handler registered for an exception or callback");
    if (!v->kernel_mode) {
        sp = v->kernel_sp;
        cs = r->cs;
        ss = r->ss;
        mode_enter_kernel(v);
    } else if (unlikely(v->odd_selectors)) {
        cs = v->seen_cs & ~3u;
        ss = v->seen_ss;
        v->odd_selectors = false;
    }
    u64 rflags = (r->rflags & ~(u64)(X86_EFLAGS_IF | X86_EFLAGS_IOPL)) | (mask ? 0 : X86_EFLAGS_IF);
    if (v->iopl_assist)
        rflags |= (u64)v->iopl << 12;

    u64 top = sp & ~15UL;
    sp = top - 8 * (error_code == NO_ERROR_CODE ? 7 : 8);
    if (!guest_range_ok(sp, top - sp) ||
        !store_frame((u64 *)top, r, cs | (u64)mask << 32, rflags, ss, error_code))
        guest_crash(r, "its kernel stack is not writable while an exception is delivered");

    if (mask_events)
        v->vi->evtchn_upcall_mask = 1;
    r->rip = handler;
    r->cs = SEL_RING1_CS;
    r->ss = SEL_RING1_DS;
    r->rsp = sp;
    r->rflags = (r->rflags & ~(u64)HANDLER_CLEARS) | X86_EFLAGS_IF;
}

void bounce_exception(struct vcpu *v, struct regs *r, unsigned int vector, u32 error_code)
{
    const struct trap_handler *t = &v->traps[vector];
    u64 ec = HAS_ERROR_CODE >> vector & 1 ? error_code : NO_ERROR_CODE;

    push_frame(v, r, t->address, t->mask_events, ec);
}

void bounce_soft_interrupt(struct vcpu *v, struct regs *r, unsigned int vector)
{
    const struct trap_handler *t = &v->traps[vector];

    push_frame(v, r, t->address, t->mask_events, NO_ERROR_CODE);
}

void bounce_callback(struct vcpu *v, struct regs *r, const struct callback *cb)
{
    push_frame(v, r, cb->address, cb->mask_events, NO_ERROR_CODE);
}

void bounce_int80(struct vcpu *v, struct regs *r)
{
    const struct trap_handler *t = &v->traps[0x80];

    if (t->address) { /* Xen's fast path does not look at the DPL */
        bounce_soft_interrupt(v, r, 0x80);
    } else {
        r->rip -= 2;
        bounce_exception(v, r, X86_GP, 0x80 << 3 | 2);
    }
}

/* SYSENTER: the CPU loses RIP, RSP and IF; what Xen shows instead is in docs/ABI.md. */
bool bounce_sysenter(struct vcpu *v, struct regs *r)
{
    if (!v->sysenter.address || v->kernel_mode)
        return false;
    r->cs = 3;
    r->ss = SEL_USER_DS;
    r->rip = 0;
    r->rsp = 0;
    r->rflags &= ~(u64)(X86_EFLAGS_TF | X86_EFLAGS_NT);
    bounce_callback(v, r, &v->sysenter);
    return true;
}

void bounce_page_fault(struct vcpu *v, struct regs *r, u64 addr, u32 error_code)
{
    COUNT(page_fault);
    /* Immediately before the bounce, so that nothing can fault in between. */
    v->vi->arch.cr2 = addr;
    bounce_exception(v, r, X86_PF, v->kernel_mode ? error_code & ~PF_U : error_code | PF_U);
}

/*
 * The failsafe frame has the four selectors between R11 and RIP, and Xen makes it before it looks
 * at what has become of them: they are null by then.
 */
void bounce_failsafe(struct vcpu *v, struct regs *r, const u16 sel[4])
{
    u8 mask = v->vi->evtchn_upcall_mask;
    u64 cs = v->kernel_mode ? SEL_SEEN_KERNEL_CS : r->cs;
    u64 ss = v->kernel_mode ? SEL_SEEN_KERNEL_SS : r->ss;
    u64 rflags = (r->rflags & ~(u64)(X86_EFLAGS_IF | X86_EFLAGS_IOPL)) | (mask ? 0 : X86_EFLAGS_IF);
    u64 sp = v->kernel_mode ? r->rsp : v->kernel_sp;
    const u64 frame[] = {r->rcx, r->r11, sel[0], sel[1],
                         sel[2], sel[3], r->rip, cs | (u64)mask << 32,
                         rflags, r->rsp, ss};

    if (!v->kernel_mode)
        mode_enter_kernel(v);
    sp = (sp & ~15UL) - sizeof(frame);
    if (!copy_to_guest(sp, frame, sizeof(frame)))
        guest_crash(r, "its kernel stack is not writable for the failsafe callback");
    if (v->failsafe.mask_events)
        v->vi->evtchn_upcall_mask = 1;
    r->rip = v->failsafe.address;
    r->cs = SEL_RING1_CS;
    r->ss = SEL_RING1_DS;
    r->rsp = sp;
    r->rflags = (r->rflags & ~(u64)HANDLER_CLEARS) | X86_EFLAGS_IF;
}
