/* SPDX-License-Identifier: MIT */
/* The guest's events: pending and mask bits in its shared_info, and who must wake up. */
#ifndef SHIM_EVENT_H
#define SHIM_EVENT_H

#include "vcpu.h"

/* A port became pending: from upcall.c for L0's, from the shim for its own.  Any CPU. */
void event_raise(u32 port);
/* A VIRQ of one vCPU; nothing happens when it isn't bound. */
void event_virq(struct vcpu *v, u32 virq);
/* connect.c: nothing pending and all masked in the guest's shared_info. */
void event_clean(void);
/* The same, but for the vCPUs' upcall flags: a saved guest keeps those (adopt.c). */
void event_clean_words(void);
/* connect.c: L0 has taken all ports away but for the toolstack's.  Or it hasn't, as toolstacks
 * differ in how they let a suspended domain go on; so they are closed. */
void event_disconnected(void);
/* A number of L0's at which nothing comes.  0 or -XEN_E*. */
s64 event_reserve(u32 *port);
/* L0 opens a port, by EVTCHNOP_cmd with its structure, and puts its number at *port: one that none
 * of the shim's own has (own.h).  0 or -XEN_E*. */
s64 event_open_at_l0(u32 cmd, void *op, const u32 *port);
/* In a new domain instance: closes what the old one had at L0, 0 = nothing. It is gone there,
 * unless the toolstack lets the old domain go on; what has its number may be the toolstack's. */
void event_release(u32 port);

/* May the guest name this port, open or not?  Is it pending? */
bool event_port_in_range(u32 port);
bool event_pending(u32 port);

static inline bool event_deliverable(const struct vcpu *v)
{
    return ACCESS_ONCE(v->vi->evtchn_upcall_pending) && !v->vi->evtchn_upcall_mask;
}

#endif
