// SPDX-License-Identifier: MIT
/*
 * Bounce frames of a 32-bit guest: what is on its kernel stack when one of its handlers runs
 * (<xen/arch-x86/xen-x86_32.h>, and docs/DESIGN.md, "32-bit guests"):
 *
 *     [SS ESP] EFLAGS CS EIP [error code]   <- ESP, high to low; the first two from user mode
 *
 * CS carries the old event mask in bits 16-23; EFLAGS.IF is its inverse.  The stack is the kernel's
 * own from user mode, else where it is, in whatever segment.
 */
#include "bounce32.h"

#include "count.h"
#include "crash.h"
#include "desc.h"
#include "guest.h"
#include "shim.h"
#include "trap.h"

#define NO_ERROR_CODE (1UL << 32)
#define FRAME_WORDS   6

/* A copy by the word: cheaper than a string instruction for so few.  False when one faulted. */
static inline bool put_words(u32 *to, const u32 *words, unsigned int n)
{
    for (unsigned int i = 0; i < n; i++)
        __asm__ goto("1: movl %0, %1\n"
                     ".pushsection .extable, \"a\"\n .quad 1b, 1b, %l2\n.popsection"
                     :
                     : "r"(words[i]), "m"(to[i])
                     : "memory"
                     : fault);
    return true;
fault:
    return false;
}

/* The segment's base, if n bytes at offset are in it and can be written. */
static bool stack_base(const struct vcpu *v, u16 ss, u32 offset, u32 n, u32 *base)
{
    struct segment s = desc_segment(v, ss);

    *base = s.base;
    return s.valid && s.writable && segment_covers(&s, offset, n);
}

bool push32(const struct vcpu *v, u16 ss, u32 *sp, const u32 *words, unsigned int n)
{
    u32 size = n * 4, to = *sp - size, base = 0;

    if (ss != SEL_RING1_DS32 && !desc_is_flat_data(v, ss) && !stack_base(v, ss, to, size, &base))
        return false;
    base += to;
    if ((u64)base + size > PV32_HOLE_START || !put_words((u32 *)(u64)base, words, n))
        return false;
    *sp = to;
    return true;
}

static void bounce(struct vcpu *v, struct regs *r, u16 cs, u64 handler, bool mask_events,
                   u64 error_code)
{
    u8 mask = v->vi->evtchn_upcall_mask;
    u32 eflags = ((u32)r->rflags & ~(X86_EFLAGS_IF | X86_EFLAGS_IOPL)) | (mask ? 0 : X86_EFLAGS_IF);
    u32 frame[FRAME_WORDS], sp = (u32)r->rsp;
    unsigned int n = 0;

    if (selector_is_null(cs))
        guest_crash(r, "no handler registered for an exception or callback");
    if (v->iopl_assist)
        eflags |= (u32)v->iopl << 12;
    if (error_code != NO_ERROR_CODE)
        frame[n++] = (u32)error_code;
    frame[n++] = (u32)r->rip;
    frame[n++] = (u16)r->cs | (u32)mask << 16;
    frame[n++] = eflags;
    if (!v->kernel_mode) {
        frame[n++] = (u32)r->rsp;
        frame[n++] = (u16)r->ss;
        sp = (u32)v->kernel_sp;
        r->ss = v->kernel_ss;
        v->kernel_mode = true;
    }
    if (!push32(v, (u16)r->ss, &sp, frame, n))
        guest_crash(r, "its kernel stack is not writable while an exception is delivered");

    if (mask_events)
        v->vi->evtchn_upcall_mask = 1;
    r->rip = (u32)handler;
    r->cs = cs;
    r->rsp = sp;
    r->rflags = (r->rflags & ~(u64)HANDLER32_CLEARS) | X86_EFLAGS_IF;
}

void bounce32_exception(struct vcpu *v, struct regs *r, unsigned int vector, u32 error_code)
{
    const struct trap_handler *t = &v->traps[vector];
    bool has_code = vector < 32 && HAS_ERROR_CODE >> vector & 1;

    bounce(v, r, t->cs, t->address, t->mask_events, has_code ? error_code : NO_ERROR_CODE);
}

void bounce32_soft_interrupt(struct vcpu *v, struct regs *r, unsigned int vector)
{
    const struct trap_handler *t = &v->traps[vector];

    bounce(v, r, t->cs, t->address, t->mask_events, NO_ERROR_CODE);
}

void bounce32_callback(struct vcpu *v, struct regs *r, const struct callback *cb)
{
    bounce(v, r, cb->cs, cb->address, cb->mask_events, NO_ERROR_CODE);
}

void bounce32_page_fault(struct vcpu *v, struct regs *r, u64 addr, u32 error_code)
{
    COUNT(page_fault);
    vcpu_info_set_cr2(v->vi, addr);
    /* What an instruction of user mode's reads on its own (a descriptor, in QEMU a far return's
     * stack) is an access of the CPU's; a guest is told the mode. */
    bounce32_exception(v, r, X86_PF, r->cs & 2 ? error_code | PF_U : error_code & ~PF_U);
}

void bounce32_int80(struct vcpu *v, struct regs *r)
{
    if (!selector_is_null(v->traps[0x80].cs)) { /* Xen's fast path does not look at the DPL */
        bounce32_soft_interrupt(v, r, 0x80);
    } else {
        r->rip = (u32)(r->rip - 2);
        bounce32_exception(v, r, X86_GP, 0x80 << 3 | 2);
    }
}

/* SYSENTER: the CPU loses EIP, ESP and IF; what Xen shows instead is in docs/ABI.md. */
bool bounce32_sysenter(struct vcpu *v, struct regs *r)
{
    if (selector_is_null(v->sysenter.cs) || v->kernel_mode)
        return false;
    r->cs = 3;
    r->ss = SEL_USER_DS;
    r->rip = 0;
    r->rsp = 0;
    r->rflags &= ~(u64)(X86_EFLAGS_TF | X86_EFLAGS_NT);
    bounce32_callback(v, r, &v->sysenter);
    return true;
}

/* The failsafe frame has the four selectors below EIP: DS, ES, FS, GS. */
void bounce32_failsafe(struct vcpu *v, struct regs *r, const u16 sel[4])
{
    const u32 words[] = {sel[0], sel[1], sel[2], sel[3]};
    u32 sp;

    bounce32_callback(v, r, &v->failsafe);
    sp = (u32)r->rsp;
    if (!push32(v, (u16)r->ss, &sp, words, ARRAY_SIZE(words)))
        guest_crash(r, "its kernel stack is not writable for the failsafe callback");
    r->rsp = sp;
}
