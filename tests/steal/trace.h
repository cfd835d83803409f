/* SPDX-License-Identifier: MIT */
/* L0's trace of run-state changes (xentrace, class 0x21000), every one of them. */
#ifndef STEAL_TRACE_H
#define STEAL_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host.h"

/* The file with l0view's TIME lines: what L0's clock said at which TSC.  Ends the program with
 * status 2 when it can't be used; so does trace_read(), which needs it. */
void clock_read(const char *name);
/* The changes of that domain's vCPUs. */
void trace_read(const char *name, uint32_t domid);
/* When the trace ends, by L0's clock. */
uint64_t trace_ends(void);
/* How long the vCPU was in each state from `from` to `to`, in ns; false when the trace doesn't
 * cover it. */
bool trace_times(unsigned int vcpu, uint64_t from, uint64_t to, uint64_t time[STATES]);

/* For all of judge: both end it with status 2. */
void die(const char *what, const char *name) __attribute__((noreturn));
/* A list that has n elements of that size gets room for one more. */
void *grow(void *list, size_t n, size_t size);

#endif
