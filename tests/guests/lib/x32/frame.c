// SPDX-License-Identifier: MIT
/*
 * Bounce frames of 32 bits, and the return from them. Nothing in a frame says whether it has an
 * error code. One from ring 3 begins at the end of the kernel stack that user.c named, so its size
 * tells; in one from ring 1 the third slot is either EFLAGS, whose bit 1 is always set, or the CS
 * slot, in which that bit of RPL 1 is clear.
 */
#include "guest.h"

struct pushed {
    struct gprs regs;
    ul rflags;
    ul entry;
    ul rest[];
};

void trap_c(struct pushed *p);

/* What leave_by() pops, and then HYPERVISOR_iret. */
struct leave {
    struct gprs regs; /* all but the last */
    ul rip, cs, rflags, rsp, ss;
};
void leave_by(const void *block, void *stack, ul size) __attribute__((noreturn));

static void decode(struct trap *t, const struct pushed *p)
{
    const ul *slot = p->rest;
    ul size = kernel_stack_end - (ul)slot;
    bool vm86 = size == 10 * sizeof(ul); /* and those of ES, DS, FS, GS */
    bool from_user = size == 5 * sizeof(ul) || size == 6 * sizeof(ul) || vm86;

    t->entry = p->entry;
    t->regs = p->regs;
    t->handler_rflags = p->rflags;
    t->handler_mask = vcpu0_info ? vcpu0_info->evtchn_upcall_mask : 0;
    t->cr2 = vcpu0_info ? vcpu0_info->arch.cr2 : 0;
    t->frame = (ul)slot;
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

void trap_return(const struct trap *t)
{
    struct context ctx = {
        .f = {.rax = t->regs.rax,
              .rip = t->rip,
              .cs = TRAP_CS(t),
              .rflags = t->rflags,
              .rsp = t->rsp,
              .ss = t->ss},
        .regs = t->regs,
    };

    context_switch(&ctx);
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

void trap_c(struct pushed *p)
{
    struct trap t;

    decode(&t, p);
    trap_take(&t);
}
