// SPDX-License-Identifier: MIT
/*
 * On vCPU 0, between events: a random port is masked for a while or bound to another vCPU; at times
 * a vCPU goes down and up.
 */
#include "guest.h"
#include "storm.h"

static bool offline[MAX_VCPUS];

static u32 random_below(u32 n)
{
    static u64 x = 88172645463325252UL;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return (u32)(x >> 32) % n;
}

/* Blocks; VIRQ_TIMER ends it unless an event does, so that the game sets the pace. */
void pause_us(u64 us)
{
    static u32 timer;

    if (!timer) {
        struct evtchn_bind_virq op = {.virq = VIRQ_TIMER, .vcpu = 0};

        if (evtchn(EVTCHNOP_bind_virq, &op))
            panic("bind_virq");
        timer = op.port;
    }
    u64 end = system_time() + us * 1000;
    struct sched_poll poll = {.nr_ports = 1, .timeout = end};

    set_xen_guest_handle(poll.ports, &timer);
    word_mask(timer);
    word_clear(timer);
    hc(sched_op, SCHEDOP_poll, &poll);
}

static unsigned int online_vcpu(void)
{
    for (;;) {
        unsigned int v = random_below(storm.nr_vcpus);

        if (!offline[v])
            return v;
    }
}

/* Masked meanwhile, as Linux does: what comes is raised by the unmask, on the new vCPU. */
static void rebind(struct port *p, unsigned int v)
{
    struct evtchn_bind_vcpu op = {.port = p->number, .vcpu = v};

    while (!port_try(p))
        pause_us(100);
    storm_mask(p);
    if (evtchn(EVTCHNOP_bind_vcpu, &op))
        panic("bind_vcpu of port %u to %u", p->number, v);
    WRITE_ONCE(p->vcpu, v);
    storm_unmask(p);
    port_release(p);
    storm.rebinds++;
}

static void mask_for_a_while(struct port *p)
{
    if (!port_try(p))
        return;
    storm_mask(p);
    pause_us(random_below(1500));
    /* by the bit alone only where the port is bound */
    if (p->vcpu == 0 && random_below(2)) {
        events_mask();
        storm_unmask_here(p);
        events_unmask();
    } else {
        storm_unmask(p);
    }
    port_release(p);
}

static void down_and_up(unsigned int v)
{
    offline[v] = true;
    for (unsigned int i = 0; i < storm.nr_ports; i++)
        if (storm.ports[i].vcpu == v)
            rebind(&storm.ports[i], online_vcpu());
    vcpu_down(v);
    pause_us(random_below(2000));
    vcpu_up(v);
    offline[v] = false;
}

void unsettle(void)
{
    struct port *p = &storm.ports[random_below(storm.nr_ports)];

    switch (random_below(16)) {
    case 0:
        if (storm.nr_vcpus > 1)
            down_and_up(1 + random_below(storm.nr_vcpus - 1));
        break;
    case 1 ... 6:
        mask_for_a_while(p);
        break;
    default:
        rebind(p, online_vcpu());
    }
}
