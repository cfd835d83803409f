/* SPDX-License-Identifier: MIT */
/* clang-format off */
/*
 * What the programs here tell each other: lines of "WORD key=value key=value ...", in files and on
 * consoles.  The order of the fields is no matter; a value has no spaces.
 *
 *   from the guest (timetool)
 *     SAMPLE label= cpu= now= jiffies= call.STATE= area.STATE=
 *         for each STATE: running, runnable, blocked, offline.  now: L0's clock; call, area: ns of
 *         each state by hypercall and by the area that the kernel registered; jiffies: /proc/stat's
 *         steal
 *     SLEEP ms= count= early= median_us= p90_us= p99_us= max_us= bins=N,N,...
 *     READINGS clock= threads= count= back= worst_ns=
 *     WALL at_0= stolen=
 *     DRIFT clock= seconds= ppm=
 *     NO-TOOL and why, in words: there is nothing to read
 *   from dom0 (l0view)
 *     TIME tsc= now=
 *     CPUTIME cpu= now= ns=
 *     at=NOW and then a line of the guest's console
 *   from judge
 *     STEAL label= cpu= seconds= running= stolen= blocked= ms.l0= ms.call= ms.area= ms.stat=
 *           verdict=
 *     CPUTIME cpu= ms.trace= ms.counter= verdict=
 *         verdict: agree, DIFFER, or UNCOVERED by the trace
 */
/* clang-format on */
#ifndef STEAL_FIELDS_H
#define STEAL_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host.h"

/* Is it such a line? */
bool fields_of(const char *line, const char *word);
/* The value of `key`; false when there is none, or it is no number, or doesn't fit. */
bool field_number(const char *line, const char *key, uint64_t *value);
bool field_text(const char *line, const char *key, char *value, size_t size);
/* PREFIX.STATE for each state; false when one is missing. */
bool field_states(const char *line, const char *prefix, uint64_t time[STATES]);
void print_states(const char *prefix, const uint64_t time[STATES]);

#endif
