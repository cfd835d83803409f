/* SPDX-License-Identifier: MIT */
/* The guest's events: pending and mask bits in its shared_info, and who must wake up. */
#ifndef SHIM_EVENT_H
#define SHIM_EVENT_H

#include "vcpu.h"

/* A port became pending: from upcall.c for L0's, from the shim for its own.  Any CPU. */
void event_raise(u32 port);
/* A VIRQ of one vCPU; nothing happens when it isn't bound. */
void event_virq(struct vcpu *v, u32 virq);
/* The xenstore and console ports that exist at start. */
void event_init(void);
/* connect.c: nothing pending and all masked in the guest's shared_info. */
void event_clean(void);
/* The same, but for the vCPUs' upcall flags: a saved guest keeps those (adopt.c). */
void event_clean_words(void);
/* connect.c: L0 has taken all ports away but for the toolstack's.  Or it hasn't, as toolstacks
 * differ in how they let a suspended domain go on; so they are closed. */
void event_disconnected(void);
/* Opens the one port whose other end is the shim: it delivers by event_raise, and is told by
 * `notified` when the guest sends: true when there is more to do, so that the guest calls again.
 * Any CPU, no lock held.  At start, when the guest has no shared_info yet, and again in a new
 * domain instance.  wanted: its number, which the guest has known for long, or 0; what L0 has by
 * that number the guest doesn't see, and L0 never gives it one that is in use.  0 or -XEN_E*. */
s64 event_open_own(u32 *port, u32 wanted, bool (*notified)(void));
/* Closes one that had no wanted number. */
void event_close_own(u32 port);

/* A number of L0's at which nothing comes.  0 or -XEN_E*. */
s64 event_reserve(u32 *port);
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
