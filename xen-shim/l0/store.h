/* SPDX-License-Identifier: MIT */
/*
 * L0's xenstore, by the ring that is the guest's (<xen/io/xs_wire.h>): the shim may use it while no
 * guest does, that is before it starts, and in a new domain instance before it goes on.  All is
 * over, and the ring as quiet as it was, when a call returns.
 */
#ifndef SHIM_STORE_H
#define SHIM_STORE_H

#include "types.h"

/* Writes value (a string) at path, relative to the domain's own directory.  `anew`: the ring hasn't
 * been used by the guest, and its indices start at 0 for it.  With interrupts off.  False when the
 * ring isn't quiet, xenstore doesn't take the request, or refuses: nothing has come of it then. */
bool store_write(const char *path, const char *value, bool anew);
/* Reads the value at path into `size` bytes, as a string; before the guest has used the ring. False
 * also where there is none, or it's longer. */
bool store_read(const char *path, char *value, u32 size);

#endif
