// SPDX-License-Identifier: MIT
/*
 * See event.h.  L0 has the ports that lead out of the domain; IPIs and VIRQs are ours.  The guest's
 * masks live in its own shared_info or event words only; at L0 a port in use is always unmasked.
 */
#include "event.h"

#include "event_ports.h"
#include "fifo.h"
#include "guest.h"
#include "kick.h"
#include "l0.h"
#include "ports.h"
#include "shim.h"

void event_notify(u32 port)
{
    struct vcpu *v = vcpu_of(ports[port].vcpu);

    set_bit(ports[port].sel, v->vi);
    /* Masked or not: a guest that unmasks on another CPU may look at the flag before its own store
     * to the mask is seen here, and then nobody else would tell it. */
    if (!__atomic_exchange_n(&v->vi->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST))
        kick_vcpu(v);
}

void event_tell(u32 vcpu)
{
    struct vcpu *v = vcpu_of(vcpu);

    if (!__atomic_exchange_n(&v->vi->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST))
        kick_vcpu(v);
}

/* The highest port whose bits are in shared_info; 0 with FIFO events, so that 2-level ones pay
 * nothing for there being others. */
static u32 highest_2level = NR_PORTS - 1;

void event_use_2level(bool yes)
{
    __atomic_store_n(&highest_2level, yes ? NR_PORTS - 1 : 0, __ATOMIC_SEQ_CST);
}

void event_raise(u32 port)
{
    if (unlikely(port - 1 >= highest_2level)) {
        if (fifo_on)
            fifo_raise(port);
        return;
    }
    if (ports[port].kind == PORT_FREE || test_and_set_bit(port, guest.pending))
        return;
    if (!test_bit(port, guest.mask))
        event_notify(port);
    kick_pollers(port);
}

bool event_port_in_range(u32 port)
{
    return port < (fifo_on ? ALL_PORTS : nr_ports);
}

bool event_pending(u32 port)
{
    return fifo_on ? fifo_pending(port) : test_bit(port, guest.pending);
}

void event_clear(u32 port)
{
    if (fifo_on)
        fifo_clear(port);
    else
        clear_bit(port, guest.pending);
}

void event_virq(struct vcpu *v, u32 virq)
{
    u32 port = port_of_virq(v->id, virq);

    if (port)
        event_raise(port);
}

s64 event_reserve(u32 *port)
{
    struct evtchn_alloc_unbound op = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};
    s64 rc = event_open_at_l0(EVTCHNOP_alloc_unbound, &op, &op.port);

    *port = op.port;
    return rc;
}

/* The lowest that is free, so that it isn't given again. */
static s64 fill_number(void)
{
    struct evtchn_alloc_unbound op = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};

    return l0_evtchn(EVTCHNOP_alloc_unbound, &op);
}

s64 event_open_at_l0(u32 cmd, void *op, const u32 *port)
{
    s64 rc;

    while (!(rc = l0_evtchn(cmd, op)) && port_get(*port).kind == PORT_SHIM) {
        event_close_at_l0(*port);
        rc = fill_number();
        if (rc)
            break;
    }
    return rc;
}

void event_close_at_l0(u32 port)
{
    struct evtchn_close op = {.port = port};

    if (port >= NR_PORTS)
        return;
    set_bit(port, l0_shared->evtchn_mask);
    l0_evtchn(EVTCHNOP_close, &op);
    clear_bit(port, l0_shared->evtchn_pending);
}

/* A port of L0's is in use from now on: what came while it was masked comes now. */
s64 event_adopt(u32 port)
{
    struct evtchn_unmask op = {.port = port};

    if (!port_take(port, PORT_L0, 0, 0)) {
        event_close_at_l0(port);
        return -XEN_ENOSPC;
    }
    event_clear(port);
    return l0_evtchn(EVTCHNOP_unmask, &op);
}

void event_release(u32 port)
{
    if (port && !l0_toolstacks_port(port))
        event_close_at_l0(port);
}

void event_disconnected(void)
{
    fifo_off();
    for (u32 i = 0; i < nr_vcpus; i++) {
        event_release(vcpu_of(i)->kick_port);
        vcpu_of(i)->kick_port = 0;
    }
    for (u32 p = 1; p < ports_end; p++)
        if (port_valid(p)) {
            port_free(p);
            event_release(p);
        }
}

void event_clean_words(void)
{
    memset(guest.mask, 0xff, nr_ports / 8);
    memset(guest.pending, 0, nr_ports / 8);
    for (u32 i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
        vcpu_info_set_sel(&guest.shared->vcpu_info[i], 0);
}

void event_clean(void)
{
    event_clean_words();
    for (u32 i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
        guest.shared->vcpu_info[i].evtchn_upcall_pending = 0;
}

/* With FIFO events there are numbers that L0 doesn't give to others. */
s64 event_take_local(u32 *port, enum port_kind kind, u32 vcpu, u32 virq)
{
    if (fifo_on) {
        *port = fifo_free_port();
        if (!port_take(*port, kind, vcpu, virq))
            return -XEN_ENOSPC;
        event_clear(*port);
        return 0;
    }

    s64 rc = event_reserve(port);

    if (!rc && !port_take(*port, kind, vcpu, virq)) {
        event_close_at_l0(*port);
        rc = -XEN_ENOSPC;
    }
    if (!rc)
        event_clear(*port);
    return rc;
}
