// SPDX-License-Identifier: MIT
/* See ports.h.  Pure; unit-tested on the host. */
#include "ports.h"

#include "guest.h"
#include "shim.h"
#include "xen_abi.h"

#define TIMER_CACHE 128

struct port ports[NR_PORTS];
u32 nr_ports = NR_PORTS;

/* VIRQ_TIMER is looked up at every tick: its port by vCPU, others by a search. */
static u16 timer_port[TIMER_CACHE];

void ports_clean(struct shared_info *s)
{
    memset((void *)s->evtchn_mask, 0xff, sizeof(s->evtchn_mask));
    memset((void *)s->evtchn_pending, 0, sizeof(s->evtchn_pending));
    for (u32 i = 0; i < XEN_LEGACY_MAX_VCPUS; i++) {
        s->vcpu_info[i].evtchn_pending_sel = 0;
        s->vcpu_info[i].evtchn_upcall_pending = 0;
    }
}

void ports_use_32bit_layout(void)
{
    nr_ports = NR_PORTS32;
}

static u8 selector_bit(u32 port)
{
    return (u8)(nr_ports == NR_PORTS32
                    ? 8 * VCPU_INFO32_SEL + port / 32
                    : 8 * offsetof(struct vcpu_info, evtchn_pending_sel) + port / 64);
}

bool port_take(u32 port, enum port_kind kind, u32 vcpu, u32 virq)
{
    if (!port || port >= nr_ports || ports[port].kind != PORT_FREE)
        return false;
    ports[port] =
        (struct port){.kind = kind, .virq = virq & 31, .vcpu = (u8)vcpu, .sel = selector_bit(port)};
    if (kind == PORT_VIRQ && virq == 0)
        timer_port[vcpu % TIMER_CACHE] = (u16)port;
    return true;
}

void port_free(u32 port)
{
    if (!port_valid(port))
        return;
    if (ports[port].kind == PORT_VIRQ && ports[port].virq == 0)
        timer_port[ports[port].vcpu % TIMER_CACHE] = 0;
    ports[port] = (struct port){.kind = PORT_FREE};
}

u32 port_of_virq(u32 vcpu, u32 virq)
{
    if (virq == 0)
        return timer_port[vcpu % TIMER_CACHE];
    for (u32 p = 1; p < NR_PORTS; p++)
        if (ports[p].kind == PORT_VIRQ && ports[p].virq == virq &&
            (vcpu == ANY_VCPU || ports[p].vcpu == vcpu))
            return p;
    return 0;
}
