// SPDX-License-Identifier: MIT
/* event_channel_op: what the guest does with its ports. */
#include "event.h"
#include "event_ports.h"
#include "fifo.h"
#include "guest.h"
#include "hypercall.h"
#include "l0.h"
#include "own.h"
#include "ports.h"
#include "preempt.h"
#include "shim.h"
#include "upcall.h"
#include "usercopy.h"

/* Bound at vCPU 0, and then told to whom the guest likes. */
static bool virq_is_global(u32 virq)
{
    return virq != VIRQ_TIMER && virq != VIRQ_DEBUG && virq != VIRQ_XENOPROF && virq != VIRQ_XENPMU;
}

static s64 bind_virq(struct evtchn_bind_virq *op)
{
    bool global = virq_is_global(op->virq);

    if (op->virq >= NR_VIRQS)
        return -XEN_EINVAL;
    if (global && op->vcpu)
        return -XEN_EINVAL;
    if (op->vcpu >= nr_vcpus)
        return -XEN_ENOENT;
    if (port_of_virq(global ? ANY_VCPU : op->vcpu, op->virq))
        return -XEN_EEXIST;
    return event_take_local(&op->port, PORT_VIRQ, op->vcpu, op->virq);
}

/* By the number of a port of the shim's own L0 may have one of the toolstack's. */
static bool toolstacks(u32 port)
{
    return port_get(port).kind == PORT_SHIM && l0_toolstacks_port(port);
}

static s64 close_port(u32 port)
{
    if (!port_valid(port))
        return -XEN_EINVAL;
    bool keep = toolstacks(port);
    port_free(port);
    if (!keep)
        event_close_at_l0(port);
    event_clear(port);
    return 0;
}

static s64 send(u32 port)
{
    if (!port_valid(port))
        return -XEN_EINVAL;
    switch (port_get(port).kind) {
    case PORT_L0:
        return l0_notify(port);
    case PORT_IPI:
        event_raise(port);
        return 0;
    case PORT_SHIM:
        return own_notified(port) ? call_again(current(), 0, 0, 0, 0) : 0;
    }
    return -XEN_EINVAL;
}

static s64 status(struct evtchn_status *op)
{
    s64 rc;

    if (!own_domain(op->dom))
        return l0_evtchn(EVTCHNOP_status, op);
    if (!event_port_in_range(op->port))
        return -XEN_EINVAL;

    struct port port = port_get(op->port), *p = &port;
    switch (p->kind) {
    case PORT_FREE:
        op->status = EVTCHNSTAT_closed;
        break;
    case PORT_IPI:
        op->status = EVTCHNSTAT_ipi;
        break;
    case PORT_VIRQ:
        op->status = EVTCHNSTAT_virq;
        op->u.virq = p->virq;
        break;
    case PORT_SHIM: /* as it would be if L0 had it */
        op->status = EVTCHNSTAT_interdomain;
        op->u.interdomain.dom = 0;
        op->u.interdomain.port = op->port;
        break;
    default:
        rc = l0_evtchn(EVTCHNOP_status, op);
        if (rc)
            return rc;
    }
    op->vcpu = p->vcpu;
    return 0;
}

static s64 bind_vcpu(const struct evtchn_bind_vcpu *op)
{
    if (op->vcpu >= nr_vcpus)
        return -XEN_ENOENT;
    if (!port_valid(op->port))
        return -XEN_EINVAL;

    struct port port = port_get(op->port), *p = &port;
    if (p->kind == PORT_IPI || (p->kind == PORT_VIRQ && !virq_is_global(p->virq)))
        return -XEN_EINVAL;
    port_set_vcpu(op->port, op->vcpu);
    if (fifo_on)
        fifo_moved(op->port);
    if (p->kind == PORT_L0 && upcall_percpu()) {
        struct evtchn_bind_vcpu fwd = *op;
        return l0_evtchn(EVTCHNOP_bind_vcpu, &fwd);
    }
    return 0;
}

static s64 unmask(u32 port)
{
    if (!port_valid(port))
        return -XEN_EINVAL;
    if (fifo_on)
        fifo_unmask(port);
    else if (test_and_clear_bit(port, guest.mask) && test_bit(port, guest.pending))
        event_notify(port);
    return 0;
}

/* Closes what the guest opened, and goes back to 2-level events.  The ports of the toolstack's
 * stay, or it would be cut off. */
static s64 reset(const struct evtchn_reset *op)
{
    bool store, console;

    if (!own_domain(op->dom))
        return -XEN_ESRCH;
    for (u32 p = 1; p < ports_end; p++)
        if (port_valid(p) && p != guest.store_port && p != guest.console_port) {
            if (unlikely(work_done(current(), WORK_L0)))
                return call_again(current(), 0, 0, 0, 0);
            close_port(p);
        }
    store = event_pending(guest.store_port);
    console = event_pending(guest.console_port);
    fifo_off();
    if (store)
        event_raise(guest.store_port);
    if (console)
        event_raise(guest.console_port);
    return 0;
}

/* Binding and closing; send and unmask don't change the table. */
static lock_t table_lock;

static s64 run(u32 cmd, void *arg)
{
    s64 rc;

    switch (cmd) {
    case EVTCHNOP_alloc_unbound: {
        struct evtchn_alloc_unbound *op = arg;
        rc = event_open_at_l0(cmd, op, &op->port);
        return rc ? rc : event_adopt(op->port);
    }
    case EVTCHNOP_bind_interdomain: {
        struct evtchn_bind_interdomain *op = arg;
        rc = event_open_at_l0(cmd, op, &op->local_port);
        return rc ? rc : event_adopt(op->local_port);
    }
    case EVTCHNOP_bind_virq:
        return bind_virq(arg);
    case EVTCHNOP_bind_ipi: {
        struct evtchn_bind_ipi *op = arg;
        return op->vcpu >= nr_vcpus ? -XEN_ENOENT
                                    : event_take_local(&op->port, PORT_IPI, op->vcpu, 0);
    }
    case EVTCHNOP_bind_pirq: /* no device */
        return -XEN_EPERM;
    case EVTCHNOP_close:
        return close_port(((struct evtchn_close *)arg)->port);
    case EVTCHNOP_send:
        return send(((struct evtchn_send *)arg)->port);
    case EVTCHNOP_status:
        return status(arg);
    case EVTCHNOP_bind_vcpu:
        return bind_vcpu(arg);
    case EVTCHNOP_unmask:
        return unmask(((struct evtchn_unmask *)arg)->port);
    case EVTCHNOP_reset:
        return reset(arg);
    case EVTCHNOP_init_control:
        return fifo_init_control(arg);
    case EVTCHNOP_expand_array:
        return fifo_expand_array(arg);
    case EVTCHNOP_set_priority:
        return fifo_set_priority(arg);
    }
    return -XEN_ENOSYS;
}

static const u8 arg_size[] = {
    [EVTCHNOP_bind_interdomain] = sizeof(struct evtchn_bind_interdomain),
    [EVTCHNOP_bind_virq] = sizeof(struct evtchn_bind_virq),
    [EVTCHNOP_bind_pirq] = sizeof(struct evtchn_bind_pirq),
    [EVTCHNOP_close] = sizeof(struct evtchn_close),
    [EVTCHNOP_send] = sizeof(struct evtchn_send),
    [EVTCHNOP_status] = sizeof(struct evtchn_status),
    [EVTCHNOP_alloc_unbound] = sizeof(struct evtchn_alloc_unbound),
    [EVTCHNOP_bind_ipi] = sizeof(struct evtchn_bind_ipi),
    [EVTCHNOP_bind_vcpu] = sizeof(struct evtchn_bind_vcpu),
    [EVTCHNOP_unmask] = sizeof(struct evtchn_unmask),
    [EVTCHNOP_reset] = sizeof(struct evtchn_reset),
    [EVTCHNOP_init_control] = sizeof(struct evtchn_init_control),
    [EVTCHNOP_expand_array] = sizeof(struct evtchn_expand_array),
    [EVTCHNOP_set_priority] = sizeof(struct evtchn_set_priority),
};

/* The others' structures may lie where the guest can't write. */
static bool answers(u32 cmd)
{
    return cmd == EVTCHNOP_alloc_unbound || cmd == EVTCHNOP_bind_interdomain ||
           cmd == EVTCHNOP_bind_virq || cmd == EVTCHNOP_bind_ipi || cmd == EVTCHNOP_status ||
           cmd == EVTCHNOP_init_control;
}

s64 do_event_channel_op(u64 cmd, u64 arg, u64 a3, u64 a4, u64 a5)
{
    union {
        struct evtchn_status largest;
        u64 words[4];
    } op;

    (void)a3, (void)a4, (void)a5;
    if ((u32)cmd >= ARRAY_SIZE(arg_size) || !arg_size[(u32)cmd])
        return -XEN_ENOSYS;
    if (!copy_from_guest(&op, arg, arg_size[(u32)cmd]))
        return -XEN_EFAULT;
    bool change = cmd != EVTCHNOP_send && cmd != EVTCHNOP_unmask;
    if (change)
        lock(&table_lock);
    s64 rc = run((u32)cmd, &op);
    if (change)
        unlock(&table_lock);
    if (!rc && answers((u32)cmd) && !copy_to_guest(arg, &op, arg_size[(u32)cmd]))
        return -XEN_EFAULT;
    return rc;
}

/* The old form: command and argument in one structure. */
s64 do_event_channel_op_compat(u64 arg, u64 a2, u64 a3, u64 a4, u64 a5)
{
    u32 cmd;

    (void)a2;
    if (!copy_from_guest(&cmd, arg, sizeof(cmd)))
        return -XEN_EFAULT;
    return do_event_channel_op(cmd, arg + offsetof(struct evtchn_op, u), a3, a4, a5);
}
