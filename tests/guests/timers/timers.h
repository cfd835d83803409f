/* SPDX-License-Identifier: MIT */
/* What main.c gives the other parts of the test: a clock, and a block until the timer's event. */
#ifndef TIMERS_H
#define TIMERS_H

#include "guest.h"

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

static inline u64 blocked_so_far(void)
{
    struct vcpu_runstate_info r;

    hc(vcpu_op, VCPUOP_get_runstate_info, 0, &r);
    return r.time[RUNSTATE_blocked];
}

/*
 * Blocks for some time, up to ns, so that the hypervisor switches us out and in again.  On a loaded
 * machine the time may be over before the wait begins, and then nothing is switched: once more.
 */
static inline void sleep_ns(const struct waiting *w, u64 ns)
{
    u64 before = blocked_so_far(), give_up = w->now() + IN_VAIN;

    do {
        set_timer(w->now() + ns);
        w->timer();
    } while (blocked_so_far() == before && w->now() < give_up);
}

/* What the area at `where` says, also when we are switched out while it is read. */
static inline struct vcpu_runstate_info area_read(const void *where)
{
    struct vcpu_runstate_info a, again;

    do {
        memcpy(&a, where, sizeof(a));
        barrier();
        memcpy(&again, where, sizeof(again));
    } while (memcmp(&a, &again, sizeof(a)));
    return a;
}

#endif
