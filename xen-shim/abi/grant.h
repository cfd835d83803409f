/* SPDX-License-Identifier: MIT */
#ifndef SHIM_GRANT_H
#define SHIM_GRANT_H

#include "types.h"

/* suspend.c, in a new domain instance: L0's table is empty and mapped nowhere.  The guest asks for
 * it again (setup_table) and finds it where it was. */
void grant_disconnected(void);

/* The version in force, 1 or 2.  A frame of the table, or of its status words in version 2, as far
 * as the guest has asked for it; else NULL. */
u32 grant_version(void);
void *grant_frame(u32 i, bool status);
/* This domain's number for certain: guest.domid is a guess where L0 doesn't tell it. */
u32 grant_own_domid(void);

/* grant_list.c: the operations whose argument is a list of `count` entries; 0 or -XEN_E* */
s64 grant_list_op(u32 cmd, u64 arg, u64 count);
s64 grant_cache_flush(u64 arg, u64 count);
/* One entry of transfer, copy or swap_grant_ref, in the 64-bit form: an error of the whole call, or
 * 0 and the entry's status is set. */
s64 grant_one(u32 cmd, void *op);

#endif
