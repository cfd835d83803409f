// SPDX-License-Identifier: MIT
/*
 * Bounce frames of 32 bits, and the way out by HYPERVISOR_iret. Nothing in a frame says whether it
 * has an error code. One from ring 3 begins at the end of the kernel stack that user.c named, so
 * its size tells; in one from ring 1 the third slot is either EFLAGS, whose bit 1 is always set, or
 * the CS slot, in which that bit of RPL 1 is clear.
 */
#include "guest.h"

/* What leave_by() pops, and then HYPERVISOR_iret. */
struct leave {
    struct gprs regs; /* all but the last */
    ul rip, cs, rflags, rsp, ss;
};
void leave_by(const void *block, void *stack, ul size) __attribute__((noreturn));

void trap_read_frame(struct trap *t, const ul *slot)
{
    ul size = kernel_stack_end - (ul)slot;
    bool vm86 = size == 10 * sizeof(ul); /* and those of ES, DS, FS, GS */
    bool from_user = size == 5 * sizeof(ul) || size == 6 * sizeof(ul) || vm86;

    t->has_error = from_user ? size != 5 * sizeof(ul) : !(slot[2] & FL_FIXED);
    t->error = t->has_error ? (u32)*slot++ : 0;
    t->rip = slot[0];
    t->cs_slot = slot[1];
    t->rflags = slot[2];
    asm("mov %%ss, %0" : "=r"(t->ss));
    t->rsp = (ul)&slot[3];
    if (from_user) {
        t->rsp = slot[3];
        t->ss = slot[4];
    }
}

void context_switch(struct context *ctx)
{
    struct leave l = {
        .regs = ctx->regs,
        .rip = ctx->f.rip,
        .cs = ctx->f.cs,
        .rflags = ctx->f.rflags,
        .rsp = ctx->f.rsp,
        .ss = ctx->f.ss,
    };
    ul inner = offsetof(struct leave, rsp);

    l.regs.rax = ctx->f.rax;
    if ((ctx->f.cs & 3) < 2)
        leave_by(&l, (void *)(ctx->f.rsp - inner), inner);
    leave_by(&l, &l, sizeof(l));
}
