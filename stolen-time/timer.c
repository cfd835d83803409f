// SPDX-License-Identifier: MIT
/* See timer.h. */
#include "timer.h"

#include "clock.h"
#include "evtchn.h"
#include "hypercall.h"
#include "l0.h"
#include "lapic.h"
#include "shim.h"
#include "kick.h"

#define SAFETY_PERIOD 1000000000UL
#define CHORE_PERIOD  10000000UL  /* while the chore is unfinished */
#define FAR_FUTURE    (1UL << 50) /* beyond this Xen takes a deadline for a mistake */
#define FAR_TIMEOUT   100000000UL

static const struct timer_chore *chore;
static bool lapic_only;
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

static bool is_l0s(const struct vcpu *v)
{
    return v->timer_port && !lapic_only;
}

/* L0's own, by a call that costs it a third of what it takes to decode a store to the LAPIC, and it
 * rings without an EOI.  False where it has none for HVM domains, from then on. */
static bool program_l0(struct vcpu *v, u64 next)
{
    struct vcpu_set_singleshot_timer op = {0};

    if (!is_l0s(v) || (next && !clock_to_l0(next, &op.timeout_abs_ns)))
        return false;
    if (!(next ? l0_vcpu_op(VCPUOP_set_singleshot_timer, v->id, &op)
               : l0_vcpu_op(VCPUOP_stop_singleshot_timer, v->id, NULL)))
        return true;
    v->timer_port = 0;
    return false;
}

/* Of the LAPIC or of L0: for `next`, or never. */
static void set_timer(struct vcpu *v, u64 next, u64 now)
{
    u64 counts = (next > now ? next - now : 0) / LAPIC_NS_PER_COUNT + 1;

    if (!program_l0(v, next))
        lapic_write(LAPIC_TMICT, next ? (u32)min_t(u64, counts, 0xffffffff) : 0);
}

static void program(struct vcpu *v, u64 next, u64 now)
{
    v->armed = next;
    set_timer(v, next, now);
}

/* The guest will name a deadline in a moment, so none is set for a second from now; if it doesn't,
 * the next interrupt does. */
static bool guest_sets_it(const struct vcpu *v)
{
    return v->ticked && !guests_deadline(v) && !has_duties(v) && clock_is_l0s();
}

/* The timer fires at or before the next deadline; when before, timer_run arms it again.  Not while
 * the vCPU waits: idle() sees to that, and timer_wait looks again at the end. */
static void arm(struct vcpu *v, u64 now)
{
    u64 next;

    if (v->waiting || guest_sets_it(v))
        return;
    next = earliest(next_deadline(v, now), now + SAFETY_PERIOD);
    if (v->armed > now && v->armed <= next)
        return;
    program(v, next, now);
}

void timer_test_lapic(void)
{
    lapic_only = true;
}

bool timer_rings(const struct vcpu *v, u64 deadline)
{
    return is_l0s(v) && v->armed && v->armed <= deadline;
}

u64 timer_before_idle(struct vcpu *v, u64 now, bool polls)
{
    u64 next = next_deadline(v, now);
    bool early = v->armed && (!next || v->armed < next);

    /* Linux asks for a tick, and for a later one when it sees that it is idle.  One wake-up for
     * nothing costs more than this write; but who works waits for less than a tick, and needs it
     * armed again.  As long as the last time, it is supposed. */
    if (early && v->armed < now + v->waited)
        program(v, polls && !is_l0s(v) ? 0 : next, now);
    else if (!polls && next && !early && v->armed != next)
        program(v, next, now);
    return next;
}

void timer_run(struct vcpu *v)
{
    u64 now = clock_now();
    bool tick = false;

    v->ticked = false;
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
    if (tick) {
        event_virq(v, VIRQ_TIMER);
        v->ticked = true;
    }
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
    v->armed = 0;
    timer_due(v);
}

/* Its own, by L0's event. Any other interrupt is an occasion to see that the timer's own was lost,
 * and the one by which timer_set_periodic tells of a new period. */
void timer_check(struct vcpu *v)
{
    if (v->timer_rang) {
        v->timer_rang = false;
        v->armed = 0;
        timer_due(v);
    } else if (v->up && (v->periodic_seen != v->periodic_period || !v->armed ||
                         clock_now() > v->armed + TIMER_LOST)) {
        timer_run(v);
    }
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
    /* Also without a deadline of the guest's: who runs is interrupted within a second. */
    if (!waiting && (v->periodic_seen || !v->armed) && !guest_sets_it(v))
        timer_run(v);
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
    v->armed = v->timer_deadline = v->poll_deadline = 0;
    v->waiting = v->timer_rang = false;
    timer_run(v);
}

void timer_park(struct vcpu *v)
{
    v->armed = 0;
    if (v->id == 0)
        arm(v, clock_now()); /* timer_interrupt has duties of its own there */
    else
        set_timer(v, 0, 0);
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
