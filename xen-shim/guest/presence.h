/* SPDX-License-Identifier: MIT */
/*
 * That this domain is a shim's, which one, and how it runs, for those outside and in the guest: the
 * node data/xen-shim of its own directory in xenstore, words KEY=VALUE (docs/ABI.md).  Where the
 * toolstack lets no guest write there, there is none.  It is as true as the guest lets it be: it
 * may write there, too.
 */
#ifndef SHIM_PRESENCE_H
#define SHIM_PRESENCE_H

#include "types.h"

/* When event delivery works and before the guest runs; `anew`: it never has. */
void presence_tell(bool anew);
/* The shim's version, without its build id; for abi/version.c. */
void presence_version(char *to, u32 size);

#endif
