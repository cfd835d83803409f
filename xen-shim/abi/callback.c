// SPDX-License-Identifier: MIT
/* What the guest tells about its own entry points: trap table, callbacks, kernel stack. */
#include "hypercall.h"
#include "isolate.h"
#include "mmu.h"
#include "preempt.h"
#include "shim.h"
#include "usercopy.h"

s64 do_set_trap_table(u64 table, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct vcpu *v = current();

    (void)a2, (void)a3, (void)a4, (void)a5;
    if (!table) {
        memset(v->traps, 0, sizeof(v->traps));
        return 0;
    }
    for (;; table += sizeof(struct trap_info)) {
        struct trap_info t;

        if (!copy_from_guest(&t, table, sizeof(t)))
            return -XEN_EFAULT;
        if (!t.address)
            return 0;
        if (!canonical(t.address))
            return -XEN_EINVAL;
        v->traps[t.vector] = (struct trap_handler){
            .address = t.address,
            .dpl = TI_GET_DPL(&t),
            .mask_events = TI_GET_IF(&t),
        };
        if (unlikely(work_done(v, 1)))
            return call_again(v, 1, table + sizeof(t), 0, 0);
    }
}

s64 do_set_callbacks(u64 event, u64 failsafe, u64 syscall, u64 a4, u64 a5)
{
    struct vcpu *v = current();

    (void)a4, (void)a5;
    /* Xen drops a bad one and says nothing */
    if (canonical(event))
        v->event = (struct callback){.address = event, .mask_events = true};
    if (canonical(failsafe))
        v->failsafe = (struct callback){.address = failsafe, .mask_events = false};
    if (canonical(syscall))
        v->syscall = (struct callback){.address = syscall, .mask_events = false};
    vcpu_syscall_set(v);
    mmu_l4_changed(); /* to have the new handlers' pages looked at, mmu_user.c */
    return 0;
}

static s64 callback_register(struct vcpu *v, const struct callback_register *reg)
{
    struct callback cb = {.address = reg->address,
                          .mask_events = reg->flags & CALLBACKF_mask_events};

    if (!canonical(reg->address))
        return -XEN_EINVAL;
    mmu_l4_changed(); /* as in do_set_callbacks */
    switch (reg->type) {
    case CALLBACKTYPE_event:
        cb.mask_events = true;
        v->event = cb;
        return 0;
    case CALLBACKTYPE_failsafe:
        v->failsafe = cb;
        return 0;
    case CALLBACKTYPE_syscall:
        v->syscall = cb;
        vcpu_syscall_set(v);
        return 0;
    case CALLBACKTYPE_sysenter:
        v->sysenter = cb;
        return 0;
    case CALLBACKTYPE_syscall32:
        v->syscall32 = cb;
        return 0;
    case CALLBACKTYPE_nmi:
        if (v->id)
            return -XEN_EINVAL;
        cb.mask_events = true;
        v->nmi = cb;
        return 0;
    }
    return -XEN_ENOSYS;
}

s64 do_callback_op(u64 cmd, u64 arg, u64 a3, u64 a4, u64 a5)
{
    struct vcpu *v = current();

    (void)a3, (void)a4, (void)a5;
    switch ((u32)cmd) {
    case CALLBACKOP_register: {
        struct callback_register reg;
        if (!copy_from_guest(&reg, arg, sizeof(reg)))
            return -XEN_EFAULT;
        return callback_register(v, &reg);
    }
    case CALLBACKOP_unregister: {
        struct callback_unregister unreg;
        if (!copy_from_guest(&unreg, arg, sizeof(unreg)))
            return -XEN_EFAULT;
        switch (unreg.type) {
        case CALLBACKTYPE_nmi:
            v->nmi.address = 0;
            return 0;
        case CALLBACKTYPE_event:
        case CALLBACKTYPE_failsafe:
        case CALLBACKTYPE_syscall:
        case CALLBACKTYPE_sysenter:
        case CALLBACKTYPE_syscall32:
            return -XEN_EINVAL;
        }
        return -XEN_ENOSYS;
    }
    }
    return -XEN_ENOSYS;
}

s64 do_nmi_op(u64 cmd, u64 arg, u64 a3, u64 a4, u64 a5)
{
    struct vcpu *v = current();
    struct xennmi_callback cb;

    (void)a3, (void)a4, (void)a5;
    switch ((u32)cmd) {
    case XENNMI_register_callback:
        if (!copy_from_guest(&cb, arg, sizeof(cb)))
            return -XEN_EFAULT;
        if (v->id)
            return -XEN_EINVAL;
        v->nmi = (struct callback){.address = cb.handler_address, .mask_events = true};
        return 0;
    case XENNMI_unregister_callback:
        v->nmi.address = 0;
        return 0;
    }
    return -XEN_ENOSYS;
}

s64 do_stack_switch(u64 ss, u64 sp, u64 a3, u64 a4, u64 a5)
{
    (void)ss, (void)a3, (void)a4, (void)a5; /* 64-bit kernels run on the flat SS */
    struct vcpu *v = current();

    vcpu_set_kernel_sp(v, sp);
    if (isolate)
        vcpu_stack_seen(v);
    else if (!v->user_table_dirty) /* else it is looked at when user mode's table is chosen */
        mmu_check_kernel_stack(v);
    return 0;
}
