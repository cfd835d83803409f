// SPDX-License-Identifier: MIT
/* See ports.h.  Pure; unit-tested on the host. */
#include "ports.h"

#include "shim.h"
#include "xen_abi.h"

#define TIMER_CACHE 128

struct port ports[NR_PORTS];

/* VIRQ_TIMER is looked up at every tick: its port by vCPU, others by a search. */
static u32 timer_port[TIMER_CACHE];

static struct port *more_ports; /* from NR_PORTS on, or NULL */
u32 ports_end = 1;

void ports_extend(struct port *more)
{
    more_ports = more;
}

static struct port *port_at(u32 port)
{
    if (port < NR_PORTS)
        return port ? &ports[port] : NULL;
    return more_ports && port < ALL_PORTS ? &more_ports[port - NR_PORTS] : NULL;
}

const struct port *port_get(u32 port)
{
    static const struct port none;
    const struct port *p = port_at(port);

    return p ? p : &none;
}

void port_set_vcpu(u32 port, u32 vcpu)
{
    port_at(port)->vcpu = (u8)vcpu;
}

void ports_clean(struct shared_info *s)
{
    memset((void *)s->evtchn_mask, 0xff, sizeof(s->evtchn_mask));
    memset((void *)s->evtchn_pending, 0, sizeof(s->evtchn_pending));
    for (u32 i = 0; i < XEN_LEGACY_MAX_VCPUS; i++) {
        s->vcpu_info[i].evtchn_pending_sel = 0;
        s->vcpu_info[i].evtchn_upcall_pending = 0;
    }
}

bool port_take(u32 port, enum port_kind kind, u32 vcpu, u32 virq)
{
    struct port *p = port_at(port);

    if (!p || p->kind != PORT_FREE)
        return false;
    *p = (struct port){.kind = kind, .virq = virq & 31, .vcpu = (u8)vcpu};
    if (port >= ports_end)
        ports_end = port + 1;
    if (kind == PORT_VIRQ && virq == 0)
        timer_port[vcpu % TIMER_CACHE] = port;
    return true;
}

void port_free(u32 port)
{
    struct port *p = port_at(port);

    if (!p || p->kind == PORT_FREE)
        return;
    if (p->kind == PORT_VIRQ && p->virq == 0)
        timer_port[p->vcpu % TIMER_CACHE] = 0;
    *p = (struct port){.kind = PORT_FREE};
}

u32 port_of_virq(u32 vcpu, u32 virq)
{
    if (virq == 0)
        return timer_port[vcpu % TIMER_CACHE];
    for (u32 n = 1; n < ports_end; n++) {
        const struct port *p = port_get(n);
        if (p->kind == PORT_VIRQ && p->virq == virq && (vcpu == ANY_VCPU || p->vcpu == vcpu))
            return n;
    }
    return 0;
}
