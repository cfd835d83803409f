/* SPDX-License-Identifier: MIT */
/*
 * Guest timers on the LAPIC's one-shot timer: the singleshot timer that set_timer_op and
 * VCPUOP_set_singleshot_timer share, the periodic one, poll timeouts, and an interrupt once a
 * second at least while the guest runs, so that the clock stays fresh.  Deadlines are guest system
 * time; 0 = none.  Never early. L0 has been seen to lose an interrupt of the timer: idle.h and
 * timer_check make up for it.
 */
#ifndef STOLEN_TIME_TIMER_H
#define STOLEN_TIME_TIMER_H

#include "vcpu.h"

/* PV vCPUs start with a 100 Hz tick. */
#define TIMER_INITIAL_PERIOD 10000000UL

/* From any vCPU, for one that is new in this domain instance: its tick is the initial one. */
void timer_init_vcpu(struct vcpu *v);
/* On the vCPU itself, before it runs: the tick that it has, no other timer. */
void timer_start(struct vcpu *v);
/* On the vCPU itself, before each wait while it is down: no deadline of the guest's is waited for
 * until the next timer_run.  What was set stays. */
void timer_park(struct vcpu *v);
void timer_set_singleshot(struct vcpu *v, u64 deadline);
/*
 * The tick of any vCPU, up or not, from any; period in ns, 0 = none.  As Xen has it: the next one
 * comes a period after the last one or at once; one that is late makes the next ones late; there is
 * none while the vCPU waits in block or poll (timer_wait), and one that is due then comes after.
 */
void timer_set_periodic(struct vcpu *v, u64 period);
void timer_wait(struct vcpu *v, bool waiting);
void timer_set_poll(struct vcpu *v, u64 deadline);
/* Fires what is due and programs the LAPIC for what comes next.  On v itself. */
void timer_run(struct vcpu *v);
/* From the other interrupts: is one of the timer's overdue? */
void timer_check(struct vcpu *v);
#define TIMER_LOST 5000000UL /* late by this, it won't come any more */

/* Work of the shim's at vCPU 0's ticks, once a second at least; soon when it is unfinished. */
struct timer_chore {
    bool (*unfinished)(void);
    void (*tick)(u64 now);
};
/* One, or NULL for none; at any time. */
void timer_set_chore(const struct timer_chore *c);

/* For idle(): when v must go on at the latest, 0 = at an interrupt.  The LAPIC won't wake it much
 * earlier, and wakes it then unless idle() polls until then. */
u64 timer_before_idle(struct vcpu *v, u64 now, bool polls);
/* That time has come, without an interrupt. */
void timer_due(struct vcpu *v);
/* VECTOR_TIMER; from trap.c. */
void timer_interrupt(struct vcpu *v);

#endif
