// SPDX-License-Identifier: MIT
/* vcpu_op: state, timers and areas of vCPUs, and bringing them up and down. */
#include "frames.h"
#include "guest.h"
#include "guest_time.h"
#include "held.h"
#include "hypercall.h"
#include "kick.h"
#include "l0.h"
#include "map.h"
#include "mmu.h"
#include "shim.h"
#include "smp.h"
#include "usercopy.h"
#include "vcpu_init.h"

/*
 * Moves the vcpu_info to a place of the guest's own.  What was pending stays pending, and as the
 * guest may have looked at the old place while we copied, it is told to look at everything.
 */
static s64 register_vcpu_info(struct vcpu *v, u64 arg)
{
    struct vcpu_register_vcpu_info op;
    struct vcpu_info *new;

    if (!copy_from_guest(&op, arg, sizeof(op)))
        return -XEN_EFAULT;
    if (op.offset > PAGE_SIZE - sizeof(struct vcpu_info) || op.offset & 7)
        return -XEN_ENXIO;
    if (v->vi_registered)
        return -XEN_EINVAL;
    if (v != current() && v->up)
        return -XEN_EINVAL;
    if (!frame_ok(op.mfn))
        return -XEN_EINVAL;

    hold_frame(op.mfn);
    new = (struct vcpu_info *)((u8 *)mfn_va(op.mfn) + op.offset);
    *new = *v->vi;
    v->vi = new;
    v->vi_registered = true;
    vcpu_info_set_sel(new, ~0UL);
    __atomic_store_n(&new->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST);
    clock_force_refresh(v);
    return 0;
}

static s64 register_time_area(struct vcpu *v, u64 arg)
{
    struct vcpu_register_time_memory_area op;

    if (!copy_from_guest(&op, arg, sizeof(op)))
        return -XEN_EFAULT;
    if (op.addr.p && !guest_range_ok(op.addr.p, sizeof(struct vcpu_time_info)))
        return -XEN_EFAULT;
    clock_register_area(v, op.addr.p);
    return 0;
}

static s64 set_singleshot(struct vcpu *v, u64 arg)
{
    struct vcpu_set_singleshot_timer op;

    if (v != current())
        return -XEN_EINVAL;
    if (!copy_from_guest(&op, arg, sizeof(op)))
        return -XEN_EFAULT;
    /* VCPU_SSHOTTMR_future has had no effect for long: a past deadline fires at once. */
    timer_set_singleshot(v, op.timeout_abs_ns ? op.timeout_abs_ns : 1);
    return 0;
}

s64 do_vcpu_op(u64 cmd, u64 id, u64 arg, u64 a4, u64 a5)
{
    (void)a4, (void)a5;
    if ((u32)id >= nr_vcpus)
        return -XEN_ENOENT;

    struct vcpu *v = vcpu_of((u32)id);
    switch ((u32)cmd) {
    case VCPUOP_is_up:
        return v->up;
    case VCPUOP_get_runstate_info: {
        struct vcpu_runstate_info rs;
        s64 rc = runstate_get(v, &rs);
        return rc ? rc : copy_to_guest(arg, &rs, sizeof(rs)) ? 0 : -XEN_EFAULT;
    }
    case VCPUOP_register_runstate_memory_area: {
        struct vcpu_register_runstate_memory_area op;
        if (!copy_from_guest(&op, arg, sizeof(op)))
            return -XEN_EFAULT;
        if (op.addr.p && !guest_range_ok(op.addr.p, sizeof(struct vcpu_runstate_info)))
            return -XEN_EFAULT;
        return runstate_register(v, op.addr.p);
    }
    case VCPUOP_set_periodic_timer: {
        struct vcpu_set_periodic_timer op;
        if (!copy_from_guest(&op, arg, sizeof(op)))
            return -XEN_EFAULT;
        if (op.period_ns < 1000000 || op.period_ns > ~0UL >> 2)
            return -XEN_EINVAL;
        timer_set_periodic(v, op.period_ns);
        return 0;
    }
    case VCPUOP_stop_periodic_timer:
        timer_set_periodic(v, 0);
        return 0;
    case VCPUOP_set_singleshot_timer:
        return set_singleshot(v, arg);
    case VCPUOP_stop_singleshot_timer:
        if (v != current())
            return -XEN_EINVAL;
        v->timer_deadline = 0;
        return 0;
    case VCPUOP_register_vcpu_info:
        return register_vcpu_info(v, arg);
    case VCPUOP_register_vcpu_time_memory_area:
        return register_time_area(v, arg);
    case VCPUOP_get_physid:
        return -XEN_EINVAL;
    case VCPUOP_send_nmi:
        if (arg)
            return -XEN_EINVAL;
        v->nmi_pending = true;
        kick_vcpu(v);
        return 0;
    case VCPUOP_initialise:
        return vcpu_initialise(v, arg);
    case VCPUOP_up:
        if (!v->initialised)
            return -XEN_EINVAL;
        smp_up(v);
        return 0;
    case VCPUOP_down:
        smp_down(v);
        return 0;
    }
    return -XEN_ENOSYS;
}
