// SPDX-License-Identifier: MIT
/* Bounce frames of 64 bits, and the return from them by HYPERVISOR_iret. */
#include "guest.h"

/* What trap_common leaves on the stack; the slots beyond depend on the error code. */
struct pushed {
    struct gprs regs;
    u64 rflags;
    u64 entry;
    u64 rcx, r11;
    u64 rest[];
};

void trap_c(struct pushed *p);

static void decode(struct trap *t, const struct pushed *p)
{
    const u64 *slot = p->rest;

    t->entry = p->entry;
    t->regs = p->regs;
    t->handler_rflags = p->rflags;
    t->handler_mask = vcpu0_info ? vcpu0_info->evtchn_upcall_mask : 0;
    t->cr2 = vcpu0_info ? vcpu0_info->arch.cr2 : 0;
    t->frame = (u64)&p->rcx;
    t->slot_rcx = p->rcx;
    t->slot_r11 = p->r11;
    t->has_error = !(t->frame & 15);
    t->error = t->has_error ? (u32)*slot++ : 0;
    t->rip = slot[0];
    t->cs_slot = slot[1];
    t->rflags = slot[2];
    t->rsp = slot[3];
    t->ss = slot[4];
    t->regs.rcx = t->slot_rcx;
    t->regs.r11 = t->slot_r11;
}

void trap_return(const struct trap *t)
{
    struct context ctx = {
        .f = {.rax = t->regs.rax,
              .r11 = t->regs.r11,
              .rcx = t->regs.rcx,
              .rip = t->rip,
              .cs = TRAP_CS(t),
              .rflags = t->rflags,
              .rsp = t->rsp,
              .ss = t->ss},
        .regs = t->regs,
    };

    context_switch(&ctx);
}

void trap_c(struct pushed *p)
{
    struct trap t;

    decode(&t, p);
    trap_take(&t);
}
