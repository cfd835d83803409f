/* SPDX-License-Identifier: MIT */
#ifndef GUEST_PREEMPT_H
#define GUEST_PREEMPT_H

#include "guest.h"

/* Long enough that a timer can come meanwhile, on a fast machine too. */
#define REQS   131072
#define OPS    32768
#define TRAPS  131072
#define CALLS  32768
#define PAGES  2048
#define COPIES 16384

/* Of the counts of mmu_update and mmuext_op: goes on. */
#define PREEMPTED (1u << 31)

/* Does the call twice; the second time a timer is due meanwhile.  Was it taken before the end? */
bool interrupted(void (*call)(void));

void test_multicall(void);
void test_balloon(void);
void test_two_vcpus(void);
void test_grants(void);

#endif
