/* SPDX-License-Identifier: MIT */
/*
 * The guest's console (<xen/io/console.h>): a ring page and a port.
 *
 *   pv    L0's own ring and port, handed to the guest; the shim has no part in it
 *   com1  L0 has none (Xen 3.4, 4.0): the shim is the ring's other end, on the serial port
 *   both  the shim is the other end and passes on to L0's ring and to the serial port, and takes
 *         input from either: `xl console` of an HVM domain is the serial port
 *
 * Without a word it is `both` where L0 has a ring and the domain a serial port, but the port joins
 * only when something is typed there, with the last that the guest said (contail.h), and costs
 * nothing before.
 */
#ifndef SHIM_GUESTCON_H
#define SHIM_GUESTCON_H

#include "types.h"

/* After l0_init; `word` is the value of the word console=, or "".  Refuses what can't be had.
 * Sets guest.console_port. */
void guestcon_choose(const char *word);
/* A saved guest knows its console by this port.  After guestcon_choose, before guestcon_start. */
void guestcon_use_port(u32 port);
/* The frame of the ring that the guest gets: L0's, or 0 when the shim needs a page of its own. */
mfn_t guestcon_l0_frame(void);
/* connect.c, in a new domain instance: the same, with the guest's ring where it is. */
void guestcon_choose_again(void);
mfn_t guestcon_frame(void);
/* With that page, when event delivery works. */
void guestcon_start(mfn_t ring);

/* Is there more that could not be moved yet?  Then there is a tick of vCPU 0's timer soon. */
bool guestcon_unfinished(void);
/* VECTOR_COM1, and the same by the 8259; from trap.c. */
void guestcon_interrupt(void);
/* All that the guest has written goes out: before the domain ends. */
void guestcon_flush(void);

#endif
