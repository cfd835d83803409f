// SPDX-License-Identifier: MIT
/* The timers of a vCPU that works and waits, on a clock and a LAPIC of the test's own. */
#include "unit.h"
#include "regs.h"

static u64 time, lapic_at; /* ns; 0 = not armed */
static unsigned int arms, interrupts, ticks;

static void lapic_set(u32 msr, u64 v)
{
    if (msr != 0x838)
        return;
    arms++;
    lapic_at = v ? time + v * 10 : time; /* as L0 3.4 has it */
}
#define wrmsr lapic_set
#include "../../../stolen-time/timer.c"

bool lapic_by_msr = true;
static struct vcpu vcpu, *const v = &vcpu;

u64 clock_now(void)
{
    return time;
}

void clock_refresh(struct vcpu *of)
{
    (void)of;
}

bool upcall_needs_watch(void)
{
    return false;
}

void upcall_watch(struct vcpu *of)
{
    (void)of;
}

void kick_vcpu(struct vcpu *of)
{
    (void)of;
}

void event_virq(struct vcpu *of, u32 virq)
{
    assert_ptr_equal(of, v);
    assert_int_equal(virq, VIRQ_TIMER);
    ticks++;
}

static void until(u64 t)
{
    while (lapic_at && lapic_at <= t) {
        time = lapic_at;
        lapic_at = 0;
        interrupts++;
        timer_interrupt(v);
    }
    time = t;
}

static void start(void)
{
    vcpu = (struct vcpu){.up = true};
    time = SAFETY_PERIOD;
    lapic_at = 0;
    timer_start(v);
    arms = interrupts = ticks = 0;
}

/* As SCHEDOP_block and idle() do it: until the deadline that timer_before_idle named, the LAPIC's
 * interrupt, or an event at `event` (0 = none).  Returns whether the LAPIC woke it. */
static bool block(bool polls, u64 event)
{
    u64 from = time, deadline, polled = 0, end;
    bool by_lapic;

    timer_wait(v, true);
    timer_run(v);
    deadline = timer_before_idle(v, time, polls);
    if (polls && deadline)
        polled = deadline + (v->lapic_deadline == deadline ? TIMER_LOST : 0);
    end = earliest(event, earliest(polled, lapic_at));
    assert_int_not_equal(end, 0);
    by_lapic = end == lapic_at;
    until(end > time ? end : time);
    v->waited = time - from;
    v->slept_out = deadline && time >= deadline;
    if (v->slept_out)
        timer_due(v);
    timer_wait(v, false);
    return by_lapic;
}

/* Linux asks for its next tick, then for a later one as it is idle. */
static void a_tick_of_who_is_idle_takes_two_writes(void **state)
{
    (void)state;
    start();
    v->waited = 500000000; /* else it is learnt by the first wait, in which the LAPIC wakes it */
    for (unsigned int i = 0; i < 20; i++) {
        arms = ticks = 0;
        time += 50000;
        timer_set_singleshot(v, time + 4000000);
        time += 50000;
        timer_set_singleshot(v, time + 500000000);
        assert_false(block(true, 0));
        assert_int_equal(ticks, 1);
        assert_in_range(arms, 0, 2);
    }
    assert_int_equal(interrupts, 0);
}

/* ... and who is idle for longer asks for the next deadline only; the first wait teaches. */
static void so_does_each_deadline(void **state)
{
    (void)state;
    start();
    for (unsigned int i = 0; i < 20; i++) {
        arms = ticks = interrupts = 0;
        timer_set_singleshot(v, time + 20000000 + i % 3 * 10000000);
        assert_int_equal(block(true, 0), i == 0);
        assert_int_equal(ticks, 1);
        assert_true(i < 2 || arms == 2);
    }
}

static void who_works_after_a_wait_has_its_deadline(void **state)
{
    u64 deadline;

    (void)state;
    start();
    for (unsigned int polls = 0; polls < 2; polls++) {
        deadline = time + 100000000;
        timer_set_singleshot(v, time + 4000000);
        timer_set_singleshot(v, deadline);
        v->waited = 1000000000;
        block(polls, time + 20000000);
        ticks = 0;
        until(deadline + 1000);
        assert_int_equal(ticks, 1);
    }
}

static u64 below(u64 n)
{
    return (u64)rand() % n;
}

/* Whatever it does: no deadline is missed, and who works is interrupted within a second. */
static void no_deadline_is_missed(void **state)
{
    u64 deadline = 0;

    (void)state;
    srand(1);
    start();
    for (unsigned int i = 0; i < 200000; i++) {
        switch (below(4)) {
        case 0:
            deadline = time + (below(2) ? below(8000000) : below(3000000000));
            ticks = 0;
            timer_set_singleshot(v, deadline);
            break;
        case 1:
            until(time + below(below(2) ? 100000 : 50000000));
            break;
        default:
            block(below(2), below(2) ? time + below(30000000) : 0);
        }
        /* a count of the LAPIC's, and what it rounds up */
        if (deadline && time > deadline + 20) {
            assert_int_equal(ticks, 1);
            deadline = 0;
        }
        assert_true(!deadline || ticks == (v->timer_deadline == 0));
        assert_in_range(lapic_at, 1, time + SAFETY_PERIOD + 20);
    }
}

/* Without a deadline there is nothing to be woken for: a LAPIC that is put off stays quiet. */
static void none_isnt_now(void **state)
{
    (void)state;
    start();
    timer_set_singleshot(v, time + 4000000);
    timer_set_singleshot(v, 0);
    v->waited = 1000000000;
    assert_false(block(false, time + 500000000));
    assert_int_equal(interrupts, 0);
    start();
    vcpu.id = 1;
    timer_park(v);
    until(time + SAFETY_PERIOD);
    assert_int_equal(interrupts, 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_tick_of_who_is_idle_takes_two_writes),
    cmocka_unit_test(so_does_each_deadline),
    cmocka_unit_test(who_works_after_a_wait_has_its_deadline),
    cmocka_unit_test(no_deadline_is_missed),
    cmocka_unit_test(none_isnt_now),
};

UNIT_MAIN(tests)
