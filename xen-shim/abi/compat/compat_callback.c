// SPDX-License-Identifier: MIT
/* What a 32-bit guest tells about its own entry points.  A handler has a code segment; there is
 * none where that is null. */
#include "compat.h"

#include "preempt.h"
#include "shim.h"

s64 compat_set_trap_table(u64 table, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct vcpu *v = current();

    (void)a2, (void)a3, (void)a4, (void)a5;
    if (!table) {
        memset(v->traps, 0, sizeof(v->traps));
        return 0;
    }
    for (;; table += sizeof(struct trap_info_x86_32)) {
        struct trap_info_x86_32 t;

        if (!copy_from_guest32(&t, table, sizeof(t)))
            return -XEN_EFAULT;
        if (!t.address)
            return 0;
        v->traps[t.vector] = (struct trap_handler){
            .address = t.address,
            .dpl = TI_GET_DPL(&t),
            .mask_events = TI_GET_IF(&t),
            .cs = selector32(t.cs),
        };
        if (unlikely(work_done(v, 1)))
            return call_again(v, 1, table + sizeof(t), 0, 0);
    }
}

s64 compat_set_callbacks(u64 event_cs, u64 event_eip, u64 failsafe_cs, u64 failsafe_eip, u64 a5)
{
    struct vcpu *v = current();

    (void)a5;
    v->event = (struct callback){
        .address = event_eip,
        .mask_events = true,
        .cs = selector32(event_cs),
    };
    v->failsafe = (struct callback){.address = failsafe_eip, .cs = selector32(failsafe_cs)};
    return 0;
}

static s64 register_nmi(struct vcpu *v, u32 eip)
{
    if (v->id)
        return -XEN_EINVAL;
    v->nmi = (struct callback){
        .address = eip,
        .mask_events = true,
        .cs = FLAT_KERNEL_CS_X86_32,
    };
    return 0;
}

static s64 callback_register(struct vcpu *v, const struct callback_register_x86_32 *reg)
{
    struct callback cb = {
        .address = reg->address.eip,
        .mask_events = reg->flags & CALLBACKF_mask_events,
        .cs = selector32(reg->address.cs),
    };

    switch (reg->type) {
    case CALLBACKTYPE_event:
        cb.mask_events = true;
        v->event = cb;
        return 0;
    case CALLBACKTYPE_failsafe:
        v->failsafe = cb;
        return 0;
    case CALLBACKTYPE_sysenter:
        v->sysenter = cb;
        return 0;
    case CALLBACKTYPE_syscall32:
        v->syscall32 = cb;
        return 0;
    case CALLBACKTYPE_nmi:
        return register_nmi(v, reg->address.eip);
    }
    return -XEN_ENOSYS; /* CALLBACKTYPE_syscall, too */
}

static s64 callback_unregister(struct vcpu *v, u16 type)
{
    switch (type) {
    case CALLBACKTYPE_nmi:
        v->nmi.address = 0;
        return 0;
    case CALLBACKTYPE_event:
    case CALLBACKTYPE_failsafe:
    case CALLBACKTYPE_sysenter:
    case CALLBACKTYPE_syscall32:
        return -XEN_EINVAL;
    }
    return -XEN_ENOSYS;
}

s64 compat_callback_op(u64 cmd, u64 arg, u64 a3, u64 a4, u64 a5)
{
    struct vcpu *v = current();
    struct callback_register_x86_32 reg;
    struct callback_unregister unreg; /* no words in it */

    (void)a3, (void)a4, (void)a5;
    switch (cmd) {
    case CALLBACKOP_register:
        if (!copy_from_guest32(&reg, arg, sizeof(reg)))
            return -XEN_EFAULT;
        return callback_register(v, &reg);
    case CALLBACKOP_unregister:
        if (!copy_from_guest32(&unreg, arg, sizeof(unreg)))
            return -XEN_EFAULT;
        return callback_unregister(v, unreg.type);
    }
    return -XEN_EINVAL; /* where 64-bit guests get ENOSYS */
}

s64 compat_nmi_op(u64 cmd, u64 arg, u64 a3, u64 a4, u64 a5)
{
    struct vcpu *v = current();
    struct xennmi_callback_x86_32 cb;

    if (cmd != XENNMI_register_callback)
        return do_nmi_op(cmd, arg, a3, a4, a5);
    if (!copy_from_guest32(&cb, arg, sizeof(cb)))
        return -XEN_EFAULT;
    return register_nmi(v, cb.handler_address);
}

s64 compat_stack_switch(u64 ss, u64 sp, u64 a3, u64 a4, u64 a5)
{
    struct vcpu *v = current();

    (void)a3, (void)a4, (void)a5;
    v->kernel_ss = selector32(ss);
    vcpu_set_kernel_sp(v, sp);
    return 0;
}
