/* SPDX-License-Identifier: MIT */
/*
 * The ports of xenstore and of the console.  A guest knows their numbers from its beginning, and
 * some kernels never ask again: they stay, in a new domain instance, too, and those that a saved
 * guest had as PV.  L0 may have the port by another number then, or none; the guest's is the shim's
 * own (PORT_SHIM), and what comes at L0's is raised there.
 */
#ifndef EVTCHN_OWN_H
#define EVTCHN_OWN_H

#include "types.h"

enum own { OWN_STORE, OWN_CONSOLE, NR_OWN };

/* Opens one that delivers by event_raise, and whose `notified` is called when the guest sends: true
 * when there is more to do, so that the guest calls again.  Any CPU, no lock held.  At start, when
 * the guest has no shared_info yet, and again in a new domain instance.  wanted: its number, or 0.
 * 0 or -XEN_E*. */
s64 own_open(enum own which, u32 *port, u32 wanted, bool (*notified)(void));
/* Closes one that had no wanted number. */
void own_close(u32 port);
/* connect.c, before upcall_init: the numbers guest.store_port and guest.console_port are taken, so
 * that nobody else gets them.  Refuses when they can't be had. */
void own_claim(void);
/* Then, with the guest's shared_info: what comes at L0 arrives. */
void own_connect(void);
/* The guest sends by such a port; as `notified`. */
bool own_notified(u32 port);

#endif
