// SPDX-License-Identifier: MIT
/*
 * Time (pv-guest-abi 6, 2.8, 2.9): the 100 Hz timer that a PV vCPU starts with; set_timer_op and
 * the singleshot timer, in the future, in the past, stopped; the periodic timer; block and its
 * wake-ups; poll on a masked port, on a pending one, with a timeout; vcpu_time_info's version and
 * its refresh; run-state by call and by area, whose sums must be the time that passed; wall clock.
 * Times are never printed, and compared with bounds that hold on a loaded machine: nothing comes
 * early, and what came at all was not too late.
 */
#include "timers.h"

static u32 timer_port;
static u64 (*const now)(void) = system_time;

static long vcpu_op(int cmd, void *arg)
{
    return hc(vcpu_op, cmd, 0, arg);
}
static long block(void)
{
    return hc(sched_op, SCHEDOP_block, 0);
}

static int taken(void)
{
    int n = event_count[timer_port];

    event_count[timer_port] = 0;
    return n;
}

/* Blocks until the timer's event; false when nothing but other events came for long. */
static bool wait_timer(void)
{
    u64 limit = now() + IN_VAIN;

    while (!event_count[timer_port] && now() < limit) {
        events_mask();
        if (!event_count[timer_port])
            block();
    }
    return taken() > 0;
}

/*
 * The same without blocking: Xen stops the periodic timer of a vCPU that isn't running, so nothing
 * but a singleshot timer may be waited for by block.
 */
static bool spin_timer(u64 most)
{
    u64 limit = now() + most;

    events_unmask();
    while (!event_count[timer_port] && now() < limit)
        hc(sched_op, SCHEDOP_yield, 0);
    return taken() > 0;
}

static void idle(u64 ns)
{
    u64 end = now() + ns;

    while (now() < end)
        hc(sched_op, SCHEDOP_yield, 0);
}

/* A timer that is stopped before it is due never fires.  Where the machine stood still so that it
 * was due before it was stopped, it's done again with more time. */
static void check_stopped(const char *name, bool by_vcpu_op)
{
    struct vcpu_set_singleshot_timer arm;
    u64 ns = 30 * MS;
    long rc;

    events_unmask();
    do {
        arm = (struct vcpu_set_singleshot_timer){.timeout_abs_ns = now() + ns};
        if (by_vcpu_op) {
            vcpu_op(VCPUOP_set_singleshot_timer, &arm);
            rc = vcpu_op(VCPUOP_stop_singleshot_timer, 0);
        } else {
            set_timer(arm.timeout_abs_ns);
            rc = set_timer(0);
        }
        taken();
        ns *= 2;
    } while (now() >= arm.timeout_abs_ns && ns < IN_VAIN);
    check_rc(name, rc, 0);
    idle(ns);
    check_num("  is-silent", taken(), 0);
}

static void test_initial_periodic(void)
{
    struct evtchn_bind_virq op = {.virq = VIRQ_TIMER};
    u64 start;
    int n = 0;

    check_rc("bind-timer", evtchn(EVTCHNOP_bind_virq, &op), 0);
    timer_port = op.port;
    port_unmask_local(timer_port);
    events_unmask();
    start = now();
    while (n < 10 && now() < start + IN_VAIN)
        n += spin_timer(100 * MS);
    check("initial-periodic", n >= 10, n ? "ticks" : "none");
    check_rc("stop-periodic", vcpu_op(VCPUOP_stop_periodic_timer, 0), 0);
    taken();
    events_unmask();
    idle(60 * MS);
    check_num("stop-periodic-is-silent", taken(), 0);
}

static void test_singleshot(void)
{
    struct vcpu_set_singleshot_timer arm = {.timeout_abs_ns = now() + 20 * MS};
    u64 start = now();

    check_rc("set_timer_op", set_timer(start + 20 * MS), 0);
    check_true("set_timer_op-fires", wait_timer());
    check_true("set_timer_op-not-early", now() >= start + 19 * MS);
    check_true("set_timer_op-not-late", now() < start + IN_VAIN);
    check_rc("set_timer_op-past", set_timer(1), 0);
    check_true("set_timer_op-past-fires", wait_timer());
    check_stopped("set_timer_op-off", false);
    check_rc("set_timer_op-negative", set_timer(-1), 0);
    check_true("set_timer_op-negative-fires", wait_timer());

    start = now();
    arm.timeout_abs_ns = start + 20 * MS;
    check_rc("singleshot", vcpu_op(VCPUOP_set_singleshot_timer, &arm), 0);
    check_true("singleshot-fires", wait_timer());
    check_true("singleshot-not-early", now() >= start + 19 * MS);
    arm.timeout_abs_ns = 1;
    check_rc("singleshot-past", vcpu_op(VCPUOP_set_singleshot_timer, &arm), 0);
    check_true("singleshot-past-fires", wait_timer());
    arm.flags = VCPU_SSHOTTMR_future;
    /* Older Xen refused this with -ETIME; 4.17 ignores the flag and fires at once. */
    fact_rc("singleshot-past-with-future-flag", vcpu_op(VCPUOP_set_singleshot_timer, &arm));
    events_unmask();
    hc(sched_op, SCHEDOP_yield, 0);
    taken();
    arm.timeout_abs_ns = now() + 20 * MS;
    check_rc("singleshot-future", vcpu_op(VCPUOP_set_singleshot_timer, &arm), 0);
    check_true("singleshot-future-fires", wait_timer());
    check_stopped("singleshot-stop", true);
    check_rc("singleshot-bad-pointer", vcpu_op(VCPUOP_set_singleshot_timer, (void *)BAD_POINTER),
             -XEN_EFAULT);
    check_rc("singleshot-other-vcpu", hc(vcpu_op, VCPUOP_set_singleshot_timer, 1, &arm),
             -XEN_EINVAL);
}

static void test_periodic(void)
{
    struct vcpu_set_periodic_timer p = {.period_ns = 10 * MS};
    u64 start = now();
    int n = 0;

    check_rc("periodic", vcpu_op(VCPUOP_set_periodic_timer, &p), 0);
    while (n < 5 && now() < start + IN_VAIN)
        n += spin_timer(100 * MS);
    check_true("periodic-ticks", n >= 5);
    check_true("periodic-rate", now() >= start + 35 * MS);
    check_rc("periodic-stop", vcpu_op(VCPUOP_stop_periodic_timer, 0), 0);
    p.period_ns = 100;
    check_rc("periodic-too-fast", vcpu_op(VCPUOP_set_periodic_timer, &p), -XEN_EINVAL);
    p.period_ns = ~UINT64_C(0);
    check_rc("periodic-too-slow", vcpu_op(VCPUOP_set_periodic_timer, &p), -XEN_EINVAL);
    taken();
}

static void test_block(void)
{
    u32 ipi = evtchn_new_ipi(0);

    port_unmask_local(ipi);
    events_mask();
    evtchn_send(ipi);
    check_rc("block-with-pending-event", block(), 0);
    check_num("block-took-it", event_count[ipi], 1);
    check_num("block-unmasked", vcpu0_info->evtchn_upcall_mask, 0);
    evtchn_close(ipi);
}

static long poll(u32 *ports, unsigned n, u64 timeout)
{
    struct sched_poll arg = {.nr_ports = n, .timeout = timeout};

    set_xen_guest_handle(arg.ports, ports);
    return hc(sched_op, SCHEDOP_poll, &arg);
}

static void test_poll(void)
{
    u32 ports[2] = {evtchn_new_ipi(0), evtchn_new_ipi(0)}, bad = 1u << 30;
    static u32 many[129];
    u64 start;

    port_mask(ports[0]);
    port_mask(ports[1]);
    events_mask();
    evtchn_send(ports[0]);
    check_rc("poll-already-pending", poll(ports, 1, 0), 0);
    check_true("poll-leaves-it-pending", port_pending(ports[0]));
    check_num("poll-leaves-upcall-mask", vcpu0_info->evtchn_upcall_mask, 1);
    check_rc("poll-second-of-two-pending", poll((u32[]){ports[1], ports[0]}, 2, 0), 0);
    port_clear(ports[0]);
    start = now();
    check_rc("poll-timeout", poll(ports, 2, start + 20 * MS), 0);
    check_true("poll-timeout-not-early", now() >= start + 19 * MS);
    check_true("poll-timeout-not-late", now() < start + IN_VAIN);
    check_true("poll-timeout-not-pending", !port_pending(ports[0]) && !port_pending(ports[1]));
    check_rc("poll-timeout-past", poll(ports, 1, 1), 0);
    check_rc("poll-no-ports-timeout", poll(ports, 0, now() + 5 * MS), 0);
    /* The timer's own port, masked, wakes a poll too. */
    port_mask(timer_port);
    port_clear(timer_port);
    start = now();
    set_timer(start + 20 * MS);
    check_rc("poll-timer", poll(&timer_port, 1, start + 2 * IN_VAIN), 0);
    check_true("poll-timer-woke", port_pending(timer_port) && now() < start + IN_VAIN);
    port_clear(timer_port);
    port_unmask_local(timer_port);
    events_drop();
    check_rc("poll-no-such-port", poll(&bad, 1, now() + 5 * MS), -XEN_EINVAL);
    check_rc("poll-too-many", poll(many, 129, now() + 5 * MS), -XEN_EINVAL);
    check_rc("poll-bad-list", poll((u32 *)BAD_POINTER, 1, now() + 5 * MS), -XEN_EFAULT);
    evtchn_close(ports[0]);
    evtchn_close(ports[1]);
    events_unmask();
}

static void test_time_info(void)
{
    const struct vcpu_time_info *ti = &vcpu0_info->time;
    struct vcpu_register_time_memory_area area;
    static struct vcpu_time_info copy;
    /* After a wait, without a timer, and with nothing else that could interrupt. */
    console_flush();
    poll(NULL, 0, now() + 500 * MS);
    u64 last = now(), start = last;
    u32 version = READ_ONCE(ti->version);
    bool monotonic = true, even = true;
    int updates = 0;

    /* Refreshed each second or so: it's waited for, and looked at for some time in any case. */
    while (now() < start + 2500 * MS || (!updates && now() < start + IN_VAIN)) {
        u64 t = now();
        u32 v = READ_ONCE(ti->version);

        monotonic &= t >= last;
        even &= !(v & 1);
        updates += v != version;
        version = v;
        last = t;
    }
    check_true("time-monotonic", monotonic);
    check_true("time-version-always-even", even);
    check_true("time-refreshed-without-blocking", updates >= 1);
    fact("time-flags", "0x%x", ti->flags);
    area.addr.p = 0;
    area.addr.v = &copy;
    fact_rc("time-area", vcpu_op(VCPUOP_register_vcpu_time_memory_area, &area));
    check_true("time-area-written",
               copy.version && copy.tsc_to_system_mul == ti->tsc_to_system_mul);
    area.addr.p = 0;
    fact_rc("time-area-off", vcpu_op(VCPUOP_register_vcpu_time_memory_area, &area));
    check_true("wallclock-version-even", !(shared_info->wc_version & 1));
    check_true("wallclock-nsec", shared_info->wc_nsec < 1000000000);
}

void test_main(void)
{
    test_initial_periodic();
    test_singleshot();
    test_periodic();
    test_block();
    test_poll();
    test_time_info();
    test_runstate(&(struct waiting){now, wait_timer});
    test_areas(&(struct waiting){now, wait_timer});
}
