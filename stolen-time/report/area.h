/* SPDX-License-Identifier: MIT */
/* The host's figures as the guest's Linux has them, in the run-state area that it registered: as of
 * the moment when the vCPU was last switched to.  Through /proc/kcore, by root. */
#ifndef STEAL_AREA_H
#define STEAL_AREA_H

#include <stdbool.h>

#include "host.h"

/* NULL, or why it can't be had. */
const char *area_open(void);
bool area_read(unsigned int cpu, struct host_times *t);

#endif
