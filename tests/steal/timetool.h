/* SPDX-License-Identifier: MIT */
/* The parts of timetool, and what they share. All times are in ns. */
#ifndef STEAL_TIMETOOL_H
#define STEAL_TIMETOOL_H

#include <stdint.h>
#include <time.h>

#include "area.h"

#define MAX_CPUS 64
#define MS       1000000L
#define SEC      1000000000L

extern long cpus; /* of the guest, all online */

long ns(clockid_t clock);
void nap(long t);
void pin(long cpu); /* this thread to that vCPU, or the program ends */
/* Prints a NO-TOOL line and ends the program, unless error is NULL. */
void need(const char *error);
/* L0's clock when it made the vCPU: its times have added up since then. */
uint64_t vcpu_start(unsigned int cpu);
uint64_t time_sum(const struct host_times *t);

/* The commands; see timetool.c. */
void load(const char *label, const char *mode, long t);
void monotonic(long t);
void sleeps(long count);
void wall(void);
void drift(long t);

#endif
