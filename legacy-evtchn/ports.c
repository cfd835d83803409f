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
static u32 timer_port[TIMER_CACHE];

static struct own_port *own_ports; /* from NR_PORTS on, or NULL */
static u32 l0_limit = NR_PORTS;    /* of L0's numbers the guest can have those below */
u32 ports_end = 1;

void ports_extend(struct own_port *more)
{
    own_ports = more;
}

void ports_use_fifo(bool yes)
{
    l0_limit = yes ? NR_PORTS : nr_ports;
}

struct port port_get(u32 port)
{
    if (port < NR_PORTS)
        return ports[port]; /* (0 is never taken) */
    if (!own_ports || port >= ALL_PORTS)
        return (struct port){.kind = PORT_FREE};

    const struct own_port *p = &own_ports[port - NR_PORTS];
    return (struct port){.kind = p->kind, .virq = p->virq, .vcpu = p->vcpu};
}

static void port_set(u32 port, struct port p)
{
    if (port < NR_PORTS)
        ports[port] = p;
    else
        own_ports[port - NR_PORTS] = (struct own_port){p.kind, p.virq, p.vcpu};
}

void port_set_vcpu(u32 port, u32 vcpu)
{
    struct port p = port_get(port);

    p.vcpu = (u8)vcpu;
    port_set(port, p);
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

void ports_use_32bit_layout(void)
{
    nr_ports = l0_limit = NR_PORTS32;
}

static u8 selector_bit(u32 port)
{
    return (u8)(nr_ports == NR_PORTS32
                    ? 8 * VCPU_INFO32_SEL + port / 32
                    : 8 * offsetof(struct vcpu_info, evtchn_pending_sel) + port / 64);
}

/* Is it a number that a port can have? */
static bool exists(u32 port)
{
    return port && (port < l0_limit || (own_ports && port >= NR_PORTS && port < ALL_PORTS));
}

bool port_take(u32 port, enum port_kind kind, u32 vcpu, u32 virq)
{
    if (!exists(port) || port_valid(port))
        return false;
    port_set(port,
             (struct port){
                 .kind = kind, .virq = virq & 31, .vcpu = (u8)vcpu, .sel = selector_bit(port)});
    if (port >= ports_end)
        ports_end = port + 1;
    if (kind == PORT_VIRQ && virq == 0)
        timer_port[vcpu % TIMER_CACHE] = port;
    return true;
}

void port_free(u32 port)
{
    struct port p = port_get(port);

    if (p.kind == PORT_FREE)
        return;
    if (p.kind == PORT_VIRQ && p.virq == 0)
        timer_port[p.vcpu % TIMER_CACHE] = 0;
    port_set(port, (struct port){.kind = PORT_FREE});
}

u32 port_of_virq(u32 vcpu, u32 virq)
{
    if (virq == 0)
        return timer_port[vcpu % TIMER_CACHE];
    for (u32 n = 1; n < ports_end; n++) {
        struct port p = port_get(n);
        if (p.kind == PORT_VIRQ && p.virq == virq && (vcpu == ANY_VCPU || p.vcpu == vcpu))
            return n;
    }
    return 0;
}
