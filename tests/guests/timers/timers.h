/* SPDX-License-Identifier: MIT */
/* What main.c gives the other parts of the test: a clock, and a block until the timer's event. */
#ifndef TIMERS_H
#define TIMERS_H

#include "guest.h"

#define MS 1000000UL
/* A timer that is later was lost. Long, as an emulated machine may stand still for a while itself.
 */
#define LATE (5000 * MS)

struct waiting {
    u64 (*now)(void);
    bool (*timer)(void);
};

void test_runstate(const struct waiting *w);
void test_areas(const struct waiting *w);

static inline u64 runstate_sum(const struct vcpu_runstate_info *r)
{
    return r->time[0] + r->time[1] + r->time[2] + r->time[3];
}

/* Blocks for that long, so that the hypervisor switches us out and in again. */
static inline void sleep_ns(const struct waiting *w, u64 ns)
{
    hc(set_timer_op, w->now() + ns);
    w->timer();
}

#endif
