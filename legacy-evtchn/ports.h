/* SPDX-License-Identifier: MIT */
/*
 * The port table.  L0 owns the numbers below NR_PORTS: a guest's port that leads out of the domain
 * has the number that L0 gave it.  IPIs and VIRQs are delivered by the shim.  With 2-level events
 * they hold a port of L0's as a reservation of the number; with FIFO events (fifo.h) they have
 * numbers that L0 never gives.
 */
#ifndef EVTCHN_PORTS_H
#define EVTCHN_PORTS_H

#include "types.h"

#define NR_PORTS   4096       /* 2-level, 64-bit layout; L0's, always */
#define NR_PORTS32 1024       /* the guest's own in the 32-bit layout */
#define ALL_PORTS  (1u << 17) /* FIFO: EVTCHN_FIFO_NR_CHANNELS */

enum port_kind {
    PORT_FREE,
    PORT_L0, /* unbound or interdomain at L0 */
    PORT_IPI,
    PORT_VIRQ,
    PORT_SHIM, /* the shim's own: its other end isn't L0's, or L0's has another number (own.h) */
};

struct port {
    u8 kind : 3, virq : 5;
    u8 vcpu; /* that is notified */
    u8 sel;  /* which bit, counted from the start of a vcpu_info of the guest's, selects its word */
    u8 unused;
};

struct shared_info;
/*
 * Nothing pending, all masked, in a shared_info that L0 has just taken for a 64-bit one. Toolstacks
 * leave various things there: a 32-bit dom0 of the 3.4 age puts its mask where this layout has
 * pending bits of ports 1024-2047.
 */
void ports_clean(struct shared_info *s);

extern struct port ports[NR_PORTS];
extern u32 nr_ports; /* that the guest can have */

/* The guest is one of 32 bits; before any port is taken. */
void ports_use_32bit_layout(void);

/* The same from NR_PORTS on, where the shim has its own with FIFO events: there are many. */
struct own_port {
    u8 kind : 3, virq : 5;
    u8 vcpu;
};
/* Room for these; by fifo.c. */
void ports_extend(struct own_port *more);
/* With FIFO events a 32-bit guest has all of L0's numbers, too. */
void ports_use_fifo(bool yes);
/* Behind all that were ever in use. */
extern u32 ports_end;

/* Safe for any number: what isn't there is free. */
struct port port_get(u32 port);

static inline bool port_valid(u32 port)
{
    return port_get(port).kind != PORT_FREE;
}

void port_set_vcpu(u32 port, u32 vcpu);

/* Takes a free number; false when it is out of range or in use. */
bool port_take(u32 port, enum port_kind kind, u32 vcpu, u32 virq);
void port_free(u32 port);
/* The port that a vCPU's VIRQ is bound to, 0 = none; of a global VIRQ ask for ANY_VCPU. */
#define ANY_VCPU (~0U)
u32 port_of_virq(u32 vcpu, u32 virq);

#endif
