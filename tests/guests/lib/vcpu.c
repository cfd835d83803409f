// SPDX-License-Identifier: MIT
/* vCPUs other than 0: a context for VCPUOP_initialise, begin and end. */
#include "guest.h"

void vcpu_context(struct vcpu_guest_context *c, void (*entry)(void), void *stack_end)
{
    c->flags = VGCF_in_kernel;
    c->user_regs.eip = (ul)entry;
    /* As if it had been called. */
    c->user_regs.esp = (ul)stack_end - sizeof(ul);
    c->user_regs.cs = FLAT_KERNEL_CS;
    c->user_regs.ss = FLAT_KERNEL_SS;
    c->kernel_ss = FLAT_KERNEL_SS;
    c->kernel_sp = c->user_regs.esp;
    c->ctrlreg[3] = cr3_of(mfn_of(kernel_top()));
    c->event_callback_eip = trap_stub(ENTRY_EVENT);
    c->failsafe_callback_eip = trap_stub(ENTRY_FAILSAFE);
#if GUEST_BITS == 32
    c->user_regs.ds = c->user_regs.es = FLAT_KERNEL_DS;
    c->event_callback_cs = c->failsafe_callback_cs = FLAT_KERNEL_CS;
#endif
}

long vcpu_begin(u32 vcpu, const struct vcpu_guest_context *c)
{
    long rc = hc(vcpu_op, VCPUOP_initialise, vcpu, c);

    return rc ? rc : hc(vcpu_op, VCPUOP_up, vcpu, 0);
}

void vcpu_end(u32 vcpu)
{
    for (;;)
        hc(vcpu_op, VCPUOP_down, vcpu, 0);
}
