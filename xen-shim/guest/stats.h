/* SPDX-License-Identifier: MIT */
/* Numbers for whoever measures, a line `stat NAME=VALUE` each; only with the word "stats". */
#ifndef SHIM_STATS_H
#define SHIM_STATS_H

#include "types.h"

void stats_enable(void);
/* On vCPU 0, before it enters the guest; ticks: TSC since the shim was entered. */
void stats_start(u64 ticks);
/* When the guest ends the domain. */
void stats_end(void);

#endif
