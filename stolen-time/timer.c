// SPDX-License-Identifier: MIT
/* See timer.h. */
#include "timer.h"

#include "clock.h"
#include "evtchn.h"
#include "hypercall.h"
#include "lapic.h"
#include "shim.h"
#include "kick.h"

#define SAFETY_PERIOD 1000000000UL
#define CHORE_PERIOD  10000000UL  /* while the chore is unfinished */
#define FAR_FUTURE    (1UL << 50) /* beyond this Xen takes a deadline for a mistake */
#define FAR_TIMEOUT   100000000UL

static const struct timer_chore *chore;
static u64 duties_done; /* when vCPU 0 last did them */

void timer_set_chore(const struct timer_chore *c)
{
    chore = c;
}

static u64 earliest(u64 a, u64 b)
{
    return !a ? b : !b ? a : a < b ? a : b;
}

static u64 guests_deadline(const struct vcpu *v)
{
    u64 next = earliest(v->timer_deadline, v->poll_deadline);

    if (v->periodic_seen && !v->waiting)
        next = earliest(next, v->periodic_last + v->periodic_seen);
    return next;
}

/* vCPU 0 looks after what may have gone dead or unfinished, once a second at least. */
static bool has_duties(const struct vcpu *v)
{
    return v->id == 0 && (chore || upcall_needs_watch());
}

static u64 next_deadline(const struct vcpu *v, u64 now)
{
    u64 next = v->up ? guests_deadline(v) : 0;

    if (has_duties(v))
        next = earliest(next, duties_done + SAFETY_PERIOD);
    if (unlikely(v->id == 0 && chore && chore->unfinished()))
        next = earliest(next, now + CHORE_PERIOD);
    return next;
}

static void program(struct vcpu *v, u64 next, u64 now)
{
    u64 counts = (next > now ? next - now : 0) / LAPIC_NS_PER_COUNT + 1;

    v->lapic_deadline = next;
    lapic_write(LAPIC_TMICT, next ? (u32)min_t(u64, counts, LAPIC_FAR) : LAPIC_FAR);
}

/* The LAPIC fires at or before the next deadline; when before, timer_run arms it again.  Not while
 * the vCPU waits: idle() sees to that, and timer_wait looks again at the end. */
static void arm(struct vcpu *v, u64 now)
{
    u64 next;

    if (v->waiting)
        return;
    next = earliest(next_deadline(v, now), now + SAFETY_PERIOD);
    if (v->lapic_deadline > now && v->lapic_deadline <= next)
        return;
    program(v, next, now);
}

u64 timer_before_idle(struct vcpu *v, u64 now, bool polls)
{
    u64 next = next_deadline(v, now);
    bool early = v->lapic_deadline && (!next || v->lapic_deadline < next);
    /* Linux asks for a tick, and for a later one when it sees that it is idle.  One wake-up for
     * nothing costs more than this write; but who works waits for less than a tick, and needs it
     * armed again.  As the last time, it is supposed. */
    bool stays = v->slept_out || v->lapic_deadline < now + v->waited;

    if (polls && next) {
        /* The poll ends then, without an interrupt; who goes on needn't arm it, too. */
        if (v->lapic_deadline && v->lapic_deadline <= next && stays)
            program(v, next + SAFETY_PERIOD, now);
    } else if ((early && stays) || (next && !early && v->lapic_deadline != next)) {
        program(v, next, now);
    }
    return next;
}

void timer_run(struct vcpu *v)
{
    u64 now = clock_now();
    bool tick = false;

    v->periodic_seen = v->periodic_period;
    if (v->timer_deadline && v->timer_deadline <= now) {
        v->timer_deadline = 0;
        tick = true;
    }
    if (v->periodic_seen && !v->waiting && v->periodic_last + v->periodic_seen <= now) {
        v->periodic_last = now;
        tick = true;
    }
    if (v->poll_deadline && v->poll_deadline <= now)
        v->poll_deadline = 0;
    if (tick)
        event_virq(v, VIRQ_TIMER);
    arm(v, now);
}

void timer_due(struct vcpu *v)
{
    if (v->id == 0) {
        duties_done = clock_now();
        upcall_watch(v);
        if (chore)
            chore->tick(duties_done);
    }
    if (!v->up) /* goes on when it is up again, smp.c */
        return;
    clock_refresh(v);
    timer_run(v);
}

void timer_interrupt(struct vcpu *v)
{
    lapic_eoi();
    v->lapic_deadline = 0;
    timer_due(v);
}

/* Any other interrupt is an occasion to see that the timer's own was lost, and the one by which
 * timer_set_periodic tells of a new period. */
void timer_check(struct vcpu *v)
{
    if (v->up && (v->periodic_seen != v->periodic_period || !v->lapic_deadline ||
                  clock_now() > v->lapic_deadline + TIMER_LOST))
        timer_run(v);
}

void timer_set_singleshot(struct vcpu *v, u64 deadline)
{
    v->timer_deadline = deadline;
    timer_run(v);
}

void timer_set_periodic(struct vcpu *v, u64 period)
{
    /* Before the look at whether v runs: who starts now must see the one or the other. */
    __atomic_store_n(&v->periodic_period, period, __ATOMIC_SEQ_CST);
    if (v == current())
        timer_run(v);
    else
        kick_vcpu(v);
}

void timer_wait(struct vcpu *v, bool waiting)
{
    v->waiting = waiting;
    if (!waiting)
        timer_run(v); /* what was armed was for a wait */
}

void timer_set_poll(struct vcpu *v, u64 deadline)
{
    v->poll_deadline = deadline;
    if (deadline)
        timer_run(v);
}

void timer_init_vcpu(struct vcpu *v)
{
    v->periodic_period = TIMER_INITIAL_PERIOD;
    v->periodic_last = 0;
}

void timer_start(struct vcpu *v)
{
    v->lapic_deadline = v->timer_deadline = v->poll_deadline = 0;
    v->waiting = false;
    timer_run(v);
}

void timer_park(struct vcpu *v)
{
    v->lapic_deadline = 0;
    if (v->id == 0)
        arm(v, clock_now()); /* timer_interrupt has duties of its own there */
    else
        lapic_write(LAPIC_TMICT, LAPIC_FAR);
}

s64 do_set_timer_op(u64 deadline, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct vcpu *v = current();

    (void)a2, (void)a3, (void)a4, (void)a5;
    if (deadline && ((s64)deadline < 0 || deadline > clock_now() + FAR_FUTURE))
        deadline = clock_now() + FAR_TIMEOUT;
    timer_set_singleshot(v, deadline);
    return 0;
}
