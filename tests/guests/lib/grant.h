/* SPDX-License-Identifier: MIT */
/* Grant tables, for the tests of them. */
#ifndef GUEST_GRANT_H
#define GUEST_GRANT_H

#include "guest.h"

#include <xen/grant_table.h>

/* What a status word has before a call. */
#define UNTOUCHED 77

long grant_op(unsigned cmd, void *arg, unsigned count);
/* The guest's own table, of version 1: its first frame, at the beginning of a window. */
volatile struct grant_entry_v1 *grant_table_map(int slot);
/* The guest's number, as Xen tells it by a port that is aimed at the caller. */
domid_t own_number(void);

#endif
