/* SPDX-License-Identifier: MIT */
/*
 * FIFO events for the guest (<xen/event_channel.h>): a control block for each vCPU with queues of
 * 16 priorities, and an array of event words that the guest adds pages to.  All of it is the
 * shim's to fill: L0 stays with 2-level events, as old ones have no other.
 *
 * Ports that lead out of the domain keep L0's numbers, below NR_PORTS; those that the shim delivers
 * have the numbers from there on, and take none of L0's.
 */
#ifndef EVTCHN_FIFO_H
#define EVTCHN_FIFO_H

#include "vcpu.h"

/* main.c, before the guest has its memory: takes what it needs, or offers no FIFO events.
 * `let_go` is told of a frame that isn't used any more (held.h). */
void fifo_init(bool offered, void (*let_go)(mfn_t mfn));

/* Has the guest changed to FIFO events?  It goes back only by a reset, or in a new domain instance.
 */
extern bool fifo_on;

/* A port that is in use became pending.  Any CPU. */
void fifo_raise(u32 port);
bool fifo_pending(u32 port);
/* A port is opened, at the default priority, or closed: nothing is pending. */
void fifo_clear(u32 port);
/* It isn't masked any more, by hypercall. */
void fifo_unmask(u32 port);
/* It will be delivered to another vCPU: after ports.h was told. */
void fifo_moved(u32 port);
/* A number for a port of the shim's, 0: there is none. */
u32 fifo_free_port(void);

/* Does it use this frame of the guest's? */
bool fifo_uses_frame(mfn_t mfn);
/* Back to 2-level events. */
void fifo_off(void);

/* The guest's calls; 0 or -XEN_E*. */
s64 fifo_init_control(struct evtchn_init_control *op);
s64 fifo_expand_array(const struct evtchn_expand_array *op);
s64 fifo_set_priority(const struct evtchn_set_priority *op);

#endif
