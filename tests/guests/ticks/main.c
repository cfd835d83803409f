// SPDX-License-Identifier: MIT
/*
 * The periodic timer belongs to a vCPU and not to who sets it (pv-guest-abi 2.8, 6): it can be set
 * before that vCPU is initialised or up, it is kept over down and up, and changed at once on a vCPU
 * that runs.  It stands still while the vCPU waits in block or poll.
 *
 * Bounds that hold on a loaded machine: ticks may be late or missing, never early.  So N of them
 * take at least N - 1 periods; and of many, some two follow each other in little more than one.
 */
#include "guest.h"

#define HOUR (3600000 * MS)

static u8 ap_stack[2 * PAGE_SIZE] page_aligned;
static struct vcpu_guest_context ap_context;
static u32 port; /* vCPU 1's VIRQ_TIMER; stays masked */

static volatile struct {
    bool started, spin;
    u64 rounds, ticks, last, shortest;
} ap;

static long op(int cmd, unsigned vcpu, const void *arg)
{
    return hc(vcpu_op, cmd, vcpu, arg);
}

static long set_periodic(unsigned vcpu, u64 period)
{
    struct vcpu_set_periodic_timer p = {.period_ns = period};

    return op(VCPUOP_set_periodic_timer, vcpu, &p);
}

static void yield(void)
{
    hc(sched_op, SCHEDOP_yield, 0);
}

/* vCPU 1: counts its ticks for ever. */
static void ap_main(void)
{
    ap.started = true;
    for (;;) {
        if (port_clear(port)) {
            u64 t = system_time();

            if (ap.last && t - ap.last < ap.shortest)
                ap.shortest = t - ap.last;
            ap.last = t;
            ap.ticks++;
        }
        ap.rounds++;
        if (!ap.spin)
            yield();
    }
}

static void wait(u64 ns)
{
    u64 end = system_time() + ns;

    while (system_time() < end)
        yield();
}

/* vCPU 1 has run meanwhile, and so taken what was on its way to it. */
static void settle(u64 ns)
{
    u64 before;

    wait(ns);
    before = ap.rounds;
    wait_until(ap.rounds >= before + 2);
}

/* Ticks come, one period apart: not more often, and not as seldom as with the next larger period
 * that this test uses. */
static void check_period(const char *name, u64 period)
{
    const u64 n = 20;
    u64 before, start, limit;

    settle(50 * MS);
    start = system_time();
    limit = start + IN_VAIN;
    before = ap.ticks;
    ap.last = 0;
    ap.shortest = ~UINT64_C(0);
    while ((ap.ticks < before + n || ap.shortest >= 2 * period) && system_time() < limit)
        yield();
    u64 ticks = ap.ticks - before, passed = system_time() - start;

    check(name, ticks >= n && passed >= (ticks - 2) * period && ap.shortest < 2 * period,
          ticks < n                       ? "too few"
          : passed < (ticks - 2) * period ? "too many"
          : ap.shortest >= 2 * period     ? "too seldom"
                                          : "in time");
}

static void check_silent(const char *name)
{
    u64 before;

    settle(20 * MS);
    before = ap.ticks;
    settle(200 * MS);
    check_num(name, ap.ticks - before, 0);
}

static void down(void)
{
    check_rc("down", op(VCPUOP_down, 1, 0), 0);
    check_rc("is-down", op(VCPUOP_is_up, 1, 0), 0);
}

static void test_refused(void)
{
    check_rc("too-fast", set_periodic(1, 999999), -XEN_EINVAL);
    check_rc("too-slow", set_periodic(1, ~UINT64_C(0)), -XEN_EINVAL);
    check_rc("no-such-vcpu", set_periodic(77, 4 * MS), -XEN_ENOENT);
    check_rc("bad-pointer", op(VCPUOP_set_periodic_timer, 1, (void *)BAD_POINTER), -XEN_EFAULT);
}

static void start(void)
{
    struct vcpu_guest_context *c = &ap_context;
    struct evtchn_bind_virq virq = {.virq = VIRQ_TIMER, .vcpu = 1};

    check_rc("bind", evtchn(EVTCHNOP_bind_virq, &virq), 0);
    port = virq.port;
    vcpu_context(c, ap_main, ap_stack + sizeof(ap_stack));
    shared_info->vcpu_info[1].evtchn_upcall_mask = 1;
    check_rc("before-initialise", set_periodic(1, 20 * MS), 0);
    check_rc("initialise", op(VCPUOP_initialise, 1, c), 0);
    check_rc("before-up", set_periodic(1, 4 * MS), 0);
    check_rc("up", op(VCPUOP_up, 1, 0), 0);
}

static void test_changes(void)
{
    check_period("set-before-up", 4 * MS);
    check_rc("set-20", set_periodic(1, 20 * MS), 0);
    check_period("changed", 20 * MS);
    down();
    check_rc("up-again", op(VCPUOP_up, 1, 0), 0);
    check_period("kept-over-down", 20 * MS);
    down();
    check_rc("set-while-down", set_periodic(1, 4 * MS), 0);
    check_rc("up-once-more", op(VCPUOP_up, 1, 0), 0);
    check_period("changed-while-down", 4 * MS);
    /* A vCPU that never calls, and whose next tick is far away. */
    ap.spin = true;
    check_rc("set-hour", set_periodic(1, HOUR), 0);
    check_silent("hour");
    check_rc("set-4", set_periodic(1, 4 * MS), 0);
    check_period("at-once", 4 * MS);
    check_rc("stop", op(VCPUOP_stop_periodic_timer, 1, 0), 0);
    check_silent("stopped");
    check_rc("set-4-again", set_periodic(1, 4 * MS), 0);
    check_period("started-again", 4 * MS);
    ap.spin = false;
    down();
    check_rc("stop-while-down", op(VCPUOP_stop_periodic_timer, 1, 0), 0);
    check_rc("up-last", op(VCPUOP_up, 1, 0), 0);
    check_silent("stopped-while-down");
    down();
}

/* No tick ends a wait.  One that is due comes right after it; now and then one comes right before,
 * so a few trials are allowed. */
static bool waits_long(bool by_poll)
{
    for (int i = 0; i < 20; i++) {
        struct sched_poll p = {.timeout = system_time() + 300 * MS};
        struct vcpu_set_singleshot_timer arm = {.timeout_abs_ns = p.timeout};
        u64 begin;

        op(VCPUOP_stop_singleshot_timer, 0, 0);
        events_unmask();
        events_mask();
        begin = system_time();
        if (by_poll) {
            hc(sched_op, SCHEDOP_poll, &p);
        } else {
            op(VCPUOP_set_singleshot_timer, 0, &arm);
            hc(sched_op, SCHEDOP_block, 0);
        }
        if (system_time() >= begin + 250 * MS)
            return true;
    }
    return false;
}

static void test_waiting(void)
{
    struct evtchn_bind_virq virq = {.virq = VIRQ_TIMER};

    check_rc("bind-self", evtchn(EVTCHNOP_bind_virq, &virq), 0);
    port_unmask_local(virq.port);
    check_rc("set-self", set_periodic(0, 50 * MS), 0);
    check_true("no-tick-while-blocked", waits_long(false));
    check_true("no-tick-while-polling", waits_long(true));
    events_unmask();
    event_count[virq.port] = 0;
    check_true("ticks-go-on", wait_until(event_count[virq.port] >= 5));
}

void test_main(void)
{
    op(VCPUOP_stop_periodic_timer, 0, 0);
    test_refused();
    test_waiting();
    if (op(VCPUOP_is_up, 1, 0) < 0)
        skip("only one vCPU");
    start();
    test_changes();
}
