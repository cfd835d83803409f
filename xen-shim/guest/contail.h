/* SPDX-License-Identifier: MIT */
/*
 * What the guest said last on its console, and how much of it COM1 has had: somebody who joins
 * there sees the last 4 KiB, and then all that follows.  Nobody else's output waits long for COM1:
 * while it takes bytes, those that it has not had are kept, and `contail_room` says how many more
 * may be; when it has taken none for a second it counts as stuck, and what is too old is lost to
 * it.  guestcon.c calls, under its lock.
 */
#ifndef SHIM_CONTAIL_H
#define SHIM_CONTAIL_H

#include "types.h"

#define CONTAIL_BYTES 4096 /* a power of two */

/* n bytes that the guest said: remembered. */
void contail_put(const char *p, u32 n);

/* From now on COM1 gets it, first the last CONTAIL_BYTES. */
void contail_join(void);
/* COM1 gets nothing more. */
void contail_leave(void);
bool contail_joined(void);

/* How many bytes may be put before COM1 loses one; without limit (~0) when it isn't joined, or
 * stuck. */
u32 contail_room(void);
/* Sends what COM1 takes now, `most` bytes at most; `now` in ns.  True when it took some. */
bool contail_send(u32 most, u64 now);
/* Is there more for COM1, which takes it? */
bool contail_left(void);

#endif
