// SPDX-License-Identifier: MIT
/*
 * FIFO events (<xen/event_channel.h>, pv-guest-abi 2.1): changing over with an event that is
 * pending, order and priorities, masks, ports that move between queues, another vCPU's queues,
 * polls, and as many ports as the words allow; then back (back.c). Numbers of ports are never
 * printed: they are the hypervisor's choice.
 */
#include "guest.h"
#include "fifo.h"

static long init_control(unsigned vcpu, ul mfn, u32 offset, u8 *link_bits)
{
    struct evtchn_init_control op = {.control_gfn = mfn, .offset = offset, .vcpu = vcpu};
    long rc = evtchn(EVTCHNOP_init_control, &op);

    if (link_bits)
        *link_bits = op.link_bits;
    return rc;
}

static long set_priority(u32 port, u32 priority)
{
    struct evtchn_set_priority op = {.port = port, .priority = priority};

    return evtchn(EVTCHNOP_set_priority, &op);
}

static long expand_by(ul mfn)
{
    struct evtchn_expand_array op = {.array_gfn = mfn};

    return evtchn(EVTCHNOP_expand_array, &op);
}

/* An IPI of vCPU 0 that isn't masked. */
static u32 open_port(void)
{
    u32 port = evtchn_new_ipi(0);

    if (fifo_expand(port))
        panic("expand_array for port %u", port);
    fifo_unmask(port);
    return port;
}

static void test_before(void)
{
    check_rc("expand-before", expand_by(mfn_of(page_alloc())), -XEN_EOPNOTSUPP);
    check_rc("priority-before", set_priority(start_info->console.domU.evtchn, 3), -XEN_ENOSYS);
    check_rc("init-no-vcpu", init_control(99, fifo_control_mfn(0), 0, NULL), -XEN_ENOENT);
    check_rc("init-unaligned", init_control(0, fifo_control_mfn(0), 4, NULL), -XEN_EINVAL);
    check_rc("init-over-end", init_control(0, fifo_control_mfn(0), 4096 - 64, NULL), -XEN_EINVAL);
    check_rc("init-no-frame", init_control(0, BAD_FRAME, 0, NULL), -XEN_EINVAL);
    check_rc("expand-still-before", expand_by(mfn_of(page_alloc())), -XEN_EOPNOTSUPP);
}

static u32 early, early_masked;

static void test_change_over(void)
{
    u8 bits = 0;

    /* one comes by the old words, and isn't taken */
    early = evtchn_new_ipi(0);
    early_masked = evtchn_new_ipi(0);
    port_unmask_local(early);
    evtchn_send(early);
    check_true("early-2level", port_pending(early));

    check_rc("init", init_control(0, fifo_control_mfn(0), 256, &bits), 0);
    check_num("link-bits", bits, EVTCHN_FIFO_LINK_BITS);
    check_rc("init-again", init_control(0, fifo_control_mfn(0), 256, NULL), -XEN_EINVAL);
    check_rc("init-vcpu1", init_control(1, fifo_control_mfn(1), 256, NULL), 0);
    check_rc("expand-no-frame", expand_by(BAD_FRAME), -XEN_EINVAL);
    evtchn_send(early_masked); /* there is no word for it yet */
    check_rc("expand", fifo_expand(early_masked > early ? early_masked : early), 0);
    check_true("early-pending", fifo_is(early, EVTCHN_FIFO_PENDING));
    check_true("early-masked", !fifo_is(early, EVTCHN_FIFO_LINKED));
    check_true("early-2-pending", fifo_is(early_masked, EVTCHN_FIFO_PENDING));
    fifo_unmask(early);
    check_true("early-linked", fifo_is(early, EVTCHN_FIFO_LINKED));
    events_unmask();
    check_true("early-taken", nr_taken == 1 && taken[0] == early);
    check_true("early-unlinked", !fifo_is(early, EVTCHN_FIFO_LINKED));
    fifo_unmask(early_masked);
    check_true("early-2-taken", nr_taken == 2 && taken[1] == early_masked);
    evtchn_close(early);
    evtchn_close(early_masked);
}

/* Sends to the ports whose letters are in `order`, 'a' first, and says in which they came. */
static void play(const char *name, const u32 *port, const char *order)
{
    char came[32];
    unsigned n = 0;

    fifo_forget();
    events_mask();
    for (; *order; order++)
        evtchn_send(port[*order - 'a']);
    events_unmask();
    for (; n < nr_taken && n < sizeof(came) - 1; n++) {
        unsigned i = 0;

        while (i < 8 && port[i] != taken[n])
            i++;
        came[n] = (char)('a' + i);
    }
    came[n] = 0;
    check(name, n > 0, "%s", came);
}

static void test_order(void)
{
    u32 p[8];

    for (unsigned i = 0; i < ARRAY_LEN(p); i++)
        p[i] = open_port();
    play("order", p, "cabhdgfe");
    play("order-twice", p, "abacab");
    check_rc("priority-too-low", set_priority(p[0], 16), -XEN_EINVAL);
    check_rc("priority-no-port", set_priority(131071, 3), -XEN_EINVAL);
    check_rc("priority", set_priority(p[2], 0), 0);
    set_priority(p[3], 15);
    set_priority(p[4], 3);
    set_priority(p[5], 3);
    play("priorities", p, "dabfcehg");
    play("priorities-again", p, "hdgcfeab");

    /* queued where it was, when its priority changes: it comes from there */
    fifo_forget();
    events_mask();
    evtchn_send(p[0]);
    evtchn_send(p[3]);
    set_priority(p[3], 0);
    evtchn_send(p[3]);
    evtchn_send(p[1]);
    events_unmask();
    check_true("changed-while-queued", nr_taken == 3 && taken[2] == p[3]);
    play("changed", p, "abd");

    /* the last of one queue goes to another: the first must not take it for its own */
    set_priority(p[6], 7);
    play("tail", p, "g");
    set_priority(p[6], 9);
    play("tail-moved", p, "gabh");
    set_priority(p[6], 7);
    play("tail-back", p, "gabh");
    play("tail-back-again", p, "abgh");
    for (unsigned i = 0; i < ARRAY_LEN(p); i++)
        evtchn_close(p[i]);
}

static void test_masks(void)
{
    u32 p = open_port(), q = open_port();

    fifo_forget();
    fifo_mask(p);
    evtchn_send(p);
    check_true("masked-pending", fifo_is(p, EVTCHN_FIFO_PENDING));
    check_true("masked-not-linked", !fifo_is(p, EVTCHN_FIFO_LINKED));
    check_num("masked-not-taken", nr_taken, 0);
    check_true("unmask-here-refused", !fifo_unmask_here(p));
    fifo_unmask(p);
    check_true("unmask-taken", nr_taken == 1 && taken[0] == p);
    fifo_mask(p);
    check_true("unmask-here", fifo_unmask_here(p) && !fifo_is(p, EVTCHN_FIFO_MASKED));

    /* masked while it is queued: not taken, and comes when it is unmasked */
    fifo_forget();
    events_mask();
    evtchn_send(p);
    evtchn_send(q);
    fifo_mask(p);
    events_unmask();
    check_true("masked-in-queue", nr_taken == 1 && taken[0] == q);
    check_true("masked-in-queue-pending", fifo_is(p, EVTCHN_FIFO_PENDING));
    fifo_unmask(p);
    check_true("masked-in-queue-later", nr_taken == 2 && taken[1] == p);

    /* closed while it is queued */
    fifo_forget();
    events_mask();
    evtchn_send(p);
    evtchn_send(q);
    check_rc("close-in-queue", evtchn_close(p), 0);
    check_true("closed-not-pending", !fifo_is(p, EVTCHN_FIFO_PENDING));
    events_unmask();
    check_true("closed-not-taken", nr_taken == 1 && taken[0] == q);
    check_rc("send-closed", evtchn_send(p), -XEN_EINVAL);
    evtchn_close(q);
}

/* An interdomain port of this domain's to itself may be bound to any vCPU. */
static void test_other_vcpu(void)
{
    struct evtchn_alloc_unbound a = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};
    struct evtchn_bind_interdomain b = {.remote_dom = DOMID_SELF};
    struct evtchn_bind_vcpu v = {.vcpu = 1};
    volatile struct vcpu_info *vi = &shared_info->vcpu_info[1];

    check_rc("alloc", evtchn(EVTCHNOP_alloc_unbound, &a), 0);
    b.remote_port = a.port;
    check_rc("interdomain", evtchn(EVTCHNOP_bind_interdomain, &b), 0);
    if (fifo_expand(a.port > b.local_port ? a.port : b.local_port))
        panic("expand_array");
    fifo_unmask(a.port);
    fifo_unmask(b.local_port);
    fifo_take();
    fifo_forget();
    evtchn_send(b.local_port);
    check_true("interdomain-taken", wait_until(nr_taken == 1) && taken[0] == a.port);

    v.port = a.port;
    check_rc("bind_vcpu", evtchn(EVTCHNOP_bind_vcpu, &v), 0);
    vi->evtchn_upcall_pending = 0;
    evtchn_send(b.local_port);
    check_true("vcpu1-ready", wait_until(READ_ONCE(fifo_control(1)->ready) == 1u << 7));
    check_true("vcpu1-head", fifo_control(1)->head[7] == a.port);
    check_true("vcpu1-upcall", wait_until(vi->evtchn_upcall_pending == 1));
    check_num("vcpu1-not-vcpu0", nr_taken, 1);
    evtchn_close(a.port);
    evtchn_close(b.local_port);
}

static long poll_port(u32 port, u64 timeout)
{
    struct sched_poll op = {.nr_ports = 1, .timeout = timeout};

    set_xen_guest_handle(op.ports, &port);
    return hc(sched_op, SCHEDOP_poll, &op);
}

static void test_waiting(void)
{
    struct evtchn_bind_virq virq = {.virq = VIRQ_TIMER};
    u32 p = open_port();
    u64 before;

    fifo_mask(p);
    evtchn_send(p);
    before = system_time();
    check_rc("poll-pending", poll_port(p, 0), 0);
    fifo_unmask(p);
    check_rc("poll-out-of-range", poll_port(131072, before), -XEN_EINVAL);
    check_num("status", evtchn_state(p), EVTCHNSTAT_ipi);
    check_num("status-out-of-range", evtchn_state(131072), -XEN_EINVAL);

    if (evtchn(EVTCHNOP_bind_virq, &virq) || fifo_expand(virq.port))
        panic("timer");
    fifo_unmask(virq.port);
    fifo_forget();
    hc(vcpu_op, VCPUOP_stop_periodic_timer, 0, NULL);
    events_mask();
    hc(set_timer_op, system_time() + 20 * MS);
    hc(sched_op, SCHEDOP_block, 0); /* ends by the timer */
    check_true("block-timer", nr_taken && taken[0] == virq.port);
    evtchn_close(virq.port);
    evtchn_close(p);
}

/* All that there are; each is raised once, and comes. */
static void test_many(void)
{
    static u32 ports[MAX_TAKEN];
    u32 n = 0, in_order = 0;
    struct evtchn_bind_ipi ipi = {.vcpu = 0};
    long rc;

    while (!(rc = evtchn(EVTCHNOP_bind_ipi, &ipi)) && n < MAX_TAKEN)
        ports[n++] = ipi.port;
    check_rc("many-end", rc, -XEN_ENOSPC);
    fact("many", "%s", n > 126900 ? "above 126 900" : n > 4095 ? "above 4095" : "few");
    for (u32 i = 0; i < n; i++)
        if (fifo_expand(ports[i]))
            panic("expand_array at port %u", ports[i]);
    fact("many-pages", "%u", fifo_pages());
    fact_rc("many-one-more-page", fifo_pages() == 128 ? expand_by(mfn_of(page_alloc())) : 0);
    fifo_forget();
    events_mask();
    for (u32 i = 0; i < n; i++) {
        fifo_unmask_here(ports[i]);
        evtchn_send(ports[i]);
    }
    events_unmask();
    for (u32 i = 0; i < n && i < nr_taken; i++)
        in_order += taken[i] == ports[i];
    check_true("many-taken", nr_taken == n && in_order == n);
    for (u32 i = 0; i < n; i++)
        rc |= evtchn_close(ports[i]);
    check_true("many-closed", rc == -XEN_ENOSPC);
    check_rc("many-again", evtchn(EVTCHNOP_bind_ipi, &ipi), 0);
}

void test_main(void)
{
    fifo_start();
    test_before();
    test_change_over();
    test_order();
    test_masks();
    test_other_vcpu();
    test_waiting();
    test_many();
    test_back();
}
