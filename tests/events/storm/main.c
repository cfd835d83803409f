// SPDX-License-Identifier: MIT
/*
 * A test guest that plays with `evping answer` in dom0: each of PORTS ports answers ROUNDS events,
 * one at a time, while vCPU 0 masks, unmasks and rebinds ports and takes the other vCPUs down and
 * up. An event is taken by an atomic clear of its pending bit and only on the vCPU that the port is
 * bound to, so a wrong count is not the guest's own doing. (Linux takes a port that it saw pending
 * a while ago, even if another vCPU has had it since: after a million events, counts may differ.)
 *
 *   command line: rounds=N ports=N vcpus=N fifo=1
 *
 * An event on a port that owes none is *doubled*; one that never comes is *lost*; one taken with
 * the port bound elsewhere and never raised again there is lost, too.
 */
#include "guest.h"
#include "storm.h"

struct storm storm;

static unsigned int option(const char *name, unsigned int otherwise)
{
    size_t n = strlen(name);

    for (const char *p = (const char *)start_info->cmd_line; *p; p++) {
        if (strncmp(p, name, n) || p[n] != '=')
            continue;
        unsigned int v = 0;
        for (p += n + 1; *p >= '0' && *p <= '9'; p++)
            v = v * 10 + (unsigned int)(*p - '0');
        return v;
    }
    return otherwise;
}

static void open_ports(void)
{
    print("GUEST ev_ports=");
    for (unsigned int i = 0; i < storm.nr_ports; i++) {
        struct evtchn_alloc_unbound op = {.dom = DOMID_SELF, .remote_dom = 0};
        struct port *p = &storm.ports[i];

        if (evtchn(EVTCHNOP_alloc_unbound, &op) || op.port >= MAX_NUMBER)
            panic("alloc_unbound: port %u", op.port);
        p->number = op.port;
        p->owed = 1;
        storm.index[op.port] = (int)i;
        storm_unmask(p);
        print(i ? " %u" : "%u", op.port);
    }
    print("\n");
}

static void report(void)
{
    unsigned long events = 0, lost = 0;

    for (unsigned int i = 0; i < storm.nr_ports; i++) {
        struct port *p = &storm.ports[i];

        events += p->received;
        lost += p->owed;
        if (p->owed)
            print("GUEST lost: port %u on vCPU %u: %u received, pending %u masked %u\n", p->number,
                  p->vcpu, p->received, word_pending(p->number), word_masked(p->number));
    }
    print("GUEST ev_did=masks=%u unmasks=%u unmask_calls=%u rebinds=%u downs=%u\n", storm.masks,
          storm.unmasks, storm.unmask_calls, storm.rebinds, storm.downs);
    print("GUEST ev_taken=");
    for (unsigned int v = 0; v < storm.nr_vcpus; v++)
        print(v ? " %u" : "%u", storm.taken[v]);
    print("\nGUEST ev_result=events=%lu doubled=%u lost=%lu\n", events, storm.doubled, lost);
    print("GUEST-DONE\n");
}

void test_main(void)
{
    u64 patience, seen = 0;

    storm.nr_ports = option("ports", 32);
    storm.rounds = option("rounds", 100);
    storm.nr_vcpus = option("vcpus", 1);
    if (!storm.nr_ports || storm.nr_ports > MAX_PORTS || !storm.nr_vcpus ||
        storm.nr_vcpus > MAX_VCPUS)
        panic("options out of range: %s", (const char *)start_info->cmd_line);
    storm_take_events();
    storm.fifo = option("fifo", 0);
    if (storm.fifo)
        fifo_begin();
    for (unsigned int v = 1; v < storm.nr_vcpus; v++)
        vcpu_start(v);
    print("GUEST ev_rounds=%u\nGUEST ev_expected=%u\n", storm.rounds,
          storm.nr_ports * (storm.rounds + 1));
    open_ports();
    print("GUEST ev=ready\n");
    storm.playing = storm.nr_ports;
    events_unmask();

    for (patience = system_time() + PATIENCE_NS; READ_ONCE(storm.playing);) {
        u64 now = system_time(), total = storm_total();

        if (total != seen) {
            seen = total;
            patience = now + PATIENCE_NS;
        } else if (now > patience) {
            break;
        }
        unsettle();
        pause_us(1000);
    }
    /* what is doubled may still be on its way */
    pause_us(500000);
    events_mask();
    report();
}
