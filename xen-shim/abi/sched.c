// SPDX-License-Identifier: MIT
/* sched_op: waiting for events, and the end of the domain. */
#include "evtchn.h"
#include "guest.h"
#include "guest_time.h"
#include "guestcon.h"
#include "hypercall.h"
#include "kick.h"
#include "l0.h"
#include "shim.h"
#include "stats.h"
#include "suspend.h"
#include "usercopy.h"

/* The guest's time does not stand still while it waits; make it true before it looks. */
static void after_idle(struct vcpu *v)
{
    runstate_interrupt(v);
    clock_refresh(v);
}

static void block(struct vcpu *v)
{
    v->vi->evtchn_upcall_mask = 0;
    timer_wait(v, true);
    /* Interrupts are off: one that comes after the test ends the HLT. */
    while (!ACCESS_ONCE(v->vi->evtchn_upcall_pending) && !v->nmi_pending) {
        timer_run(v);
        if (ACCESS_ONCE(v->vi->evtchn_upcall_pending))
            break;
        idle();
    }
    timer_wait(v, false);
    after_idle(v);
}

static s64 poll(struct vcpu *v, u64 arg)
{
    struct sched_poll op;
    u32 port_list[128];
    bool ready = false;

    if (!copy_from_guest(&op, arg, sizeof(op)))
        return -XEN_EFAULT;
    if (op.nr_ports > ARRAY_SIZE(port_list))
        return -XEN_EINVAL;
    if (!copy_from_guest(port_list, (u64)op.ports.p, op.nr_ports * sizeof(u32)))
        return -XEN_EFAULT;
    for (u32 i = 0; i < op.nr_ports; i++)
        if (!event_port_in_range(port_list[i]))
            return -XEN_EINVAL;

    kick_set_polling(v, op.nr_ports == 1 && port_list[0] ? port_list[0] : POLL_ANY);
    timer_wait(v, true);
    timer_set_poll(v, op.timeout);
    for (;;) {
        for (u32 i = 0; i < op.nr_ports; i++)
            ready |= event_pending(port_list[i]);
        if (ready || event_deliverable(v) || v->nmi_pending || (op.timeout && !v->poll_deadline))
            break;
        idle();
        timer_run(v);
    }
    kick_set_polling(v, 0);
    timer_set_poll(v, 0);
    timer_wait(v, false);
    after_idle(v);
    return 0;
}

/* Everything the guest wrote to its console goes out before the domain ends.  L0 reads its own ring
 * after the shutdown too; what the shim passes on must be passed on now. */
static s64 shutdown(u32 reason, u64 start_info)
{
    if (reason == SHUTDOWN_suspend)
        return suspend(current(), start_info);
    guestcon_flush();
    stats_end();
    l0_shutdown(reason);
    for (;;) /* L0 has taken all vCPUs off by now */
        idle();
}

s64 do_sched_op(u64 cmd, u64 arg, u64 a3, u64 a4, u64 a5)
{
    struct vcpu *v = current();

    (void)a4, (void)a5;
    switch ((u32)cmd) {
    case SCHEDOP_yield:
        l0_yield();
        return 0;
    case SCHEDOP_block:
        block(v);
        return 0;
    case SCHEDOP_shutdown: {
        struct sched_shutdown op;
        if (!copy_from_guest(&op, arg, sizeof(op)))
            return -XEN_EFAULT;
        return shutdown(op.reason, a3);
    }
    case SCHEDOP_poll:
        return poll(v, arg);
    case SCHEDOP_shutdown_code: {
        struct sched_shutdown op;
        if (!copy_from_guest(&op, arg, sizeof(op)))
            return -XEN_EFAULT;
        return l0_call2(__HYPERVISOR_sched_op, SCHEDOP_shutdown_code, &op);
    }
    case SCHEDOP_watchdog: {
        struct sched_watchdog op;
        if (!copy_from_guest(&op, arg, sizeof(op)))
            return -XEN_EFAULT;
        return l0_call2(__HYPERVISOR_sched_op, SCHEDOP_watchdog, &op);
    }
    case SCHEDOP_remote_shutdown: { /* dom0 is the only other domain that is surely there */
        struct sched_remote_shutdown op;
        if (!copy_from_guest(&op, arg, sizeof(op)))
            return -XEN_EFAULT;
        return op.domain_id == 0 ? -XEN_EPERM : -XEN_ESRCH;
    }
    case SCHEDOP_pin_override:
        return -XEN_EPERM;
    }
    return -XEN_ENOSYS;
}

/* The old form: the shutdown reason is the argument. */
s64 do_sched_op_compat(u64 cmd, u64 arg, u64 a3, u64 a4, u64 a5)
{
    switch ((u32)cmd) {
    case SCHEDOP_yield:
    case SCHEDOP_block:
        return do_sched_op(cmd, 0, a3, a4, a5);
    case SCHEDOP_shutdown:
        return shutdown((u32)arg, a3);
    }
    return -XEN_ENOSYS;
}
