/* SPDX-License-Identifier: MIT */
/* event.c, for event_op.c: opening and closing ports.  Results are 0 or -XEN_E*. */
#ifndef EVTCHN_EVENT_PORTS_H
#define EVTCHN_EVENT_PORTS_H

#include "ports.h"

/* A pending port that isn't masked: tells its vCPU. */
void event_notify(u32 port);
/* fifo.c: something is in a queue of that vCPU's. */
void event_tell(u32 vcpu);
/* A port of L0's is in use from now on: what came while it was masked comes now. */
s64 event_adopt(u32 port);
/* Takes a number of L0's for a port that the shim delivers itself. */
s64 event_take_local(u32 *port, enum port_kind kind, u32 vcpu, u32 virq);
/* Of a number of L0's; of another nothing. */
void event_close_at_l0(u32 port);
/* Nothing is pending there. */
void event_clear(u32 port);
/* fifo.c: by which words the guest sees what is pending. */
void event_use_2level(bool yes);

#endif
