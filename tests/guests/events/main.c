// SPDX-License-Identifier: MIT
/*
 * Event channels (pv-guest-abi 2.0, 3.1; event_channel_op): every operation of a domU and its
 * errors; the meaning of pending, mask, selector and upcall mask; delivery on the way out of a
 * hypercall and of an exception; unmasking by hypercall delivers what the bit alone wouldn't; loops
 * through a pair of interdomain ports of our own; the upcall's own frame. Port numbers are never
 * printed: the shim's outer hypervisor chooses them.
 */
#include "guest.h"

static long alloc_unbound(domid_t dom, domid_t remote, u32 *port)
{
    struct evtchn_alloc_unbound op = {.dom = dom, .remote_dom = remote};
    long rc = evtchn(EVTCHNOP_alloc_unbound, &op);

    *port = op.port;
    return rc;
}

static long bind_interdomain(domid_t remote, u32 remote_port, u32 *port)
{
    struct evtchn_bind_interdomain op = {.remote_dom = remote, .remote_port = remote_port};
    long rc = evtchn(EVTCHNOP_bind_interdomain, &op);

    *port = op.local_port;
    return rc;
}

static long bind_virq(u32 virq, u32 vcpu, u32 *port)
{
    struct evtchn_bind_virq op = {.virq = virq, .vcpu = vcpu};
    long rc = evtchn(EVTCHNOP_bind_virq, &op);

    *port = op.port;
    return rc;
}

static long unmask(u32 port)
{
    struct evtchn_unmask op = {.port = port};

    return evtchn(EVTCHNOP_unmask, &op);
}

static long bind_vcpu(u32 port, u32 vcpu)
{
    struct evtchn_bind_vcpu op = {.port = port, .vcpu = vcpu};

    return evtchn(EVTCHNOP_bind_vcpu, &op);
}

/* Counts of one port since the last look. */
static int taken(u32 port)
{
    int n = event_count[port];

    event_count[port] = 0;
    return n;
}

/* What gives no answer needs no place for one. */
static void test_readonly_argument(u32 port)
{
    struct evtchn_send *op = page_alloc();
    struct evtchn_status *status = (void *)(op + 8);

    op->port = port;
    status->dom = DOMID_SELF;
    status->port = port;
    make_readonly(op);
    taken(port);
    check_rc("ro-send", evtchn(EVTCHNOP_send, op), 0);
    check_num("ro-sent", taken(port), 1);
    check_rc("ro-unmask", evtchn(EVTCHNOP_unmask, op), 0);
    fact_rc("ro-status", evtchn(EVTCHNOP_status, status));
    make_writable(op);
}

static void test_ipi_delivery(void)
{
    u32 port = evtchn_new_ipi(0);
    int upcalls;

    check_true("ipi-new-port-is-unmasked-or-masked", true);
    fact("ipi-new-port-mask-bit", "%s", port_masked(port) ? "set" : "clear");
    check_num("ipi-status", evtchn_state(port), EVTCHNSTAT_ipi);
    events_unmask(); /* takes what others said before their ports were masked */
    upcalls = event_upcalls;
    port_unmask_local(port);
    check_rc("ipi-send", evtchn_send(port), 0);
    check_num("ipi-taken-on-return", taken(port), 1);
    check_num("ipi-upcalls", event_upcalls - upcalls, 1);
    check_true("ipi-pending-cleared", !port_pending(port));

    port_mask(port);
    evtchn_send(port);
    check_num("ipi-masked-port", taken(port), 0);
    check_true("ipi-masked-port-pending", port_pending(port));
    check_num("ipi-masked-port-no-upcall-pending", vcpu0_info->evtchn_upcall_pending, 0);
    check_rc("ipi-unmask", unmask(port), 0);
    check_num("ipi-unmask-delivers", taken(port), 1);
    check_true("ipi-unmask-cleared-bit", !port_masked(port));

    events_mask();
    evtchn_send(port);
    evtchn_send(port);
    check_num("ipi-upcall-masked", taken(port), 0);
    check_num("ipi-upcall-pending", vcpu0_info->evtchn_upcall_pending, 1);
    check_hex("ipi-selector", vcpu0_info->evtchn_pending_sel >> (port / LONG_BITS) & 1, 1);
    /* Clearing the mask byte alone does nothing; the next way out of the hypervisor does. */
    WRITE_ONCE(vcpu0_info->evtchn_upcall_mask, 0);
    check_num("ipi-mask-byte-alone", taken(port), 0);
    hc(xen_version, XENVER_version, 0);
    check_num("ipi-next-hypercall", taken(port), 1);

    events_mask();
    evtchn_send(port);
    WRITE_ONCE(vcpu0_info->evtchn_upcall_mask, 0);
    PROBE("ud2", NONE, NONE);
    check_trap("ipi-exception-comes-first", X_UD, -1);
    check_num("ipi-after-exception", taken(port), 1);
    test_readonly_argument(port);
    check_rc("ipi-close", evtchn_close(port), 0);
    check_num("ipi-closed-status", evtchn_state(port), EVTCHNSTAT_closed);
    check_rc("ipi-send-closed", evtchn_send(port), -XEN_EINVAL);
    check_rc("ipi-close-again", evtchn_close(port), -XEN_EINVAL);
    check_rc("ipi-no-such-vcpu", evtchn(EVTCHNOP_bind_ipi, &(struct evtchn_bind_ipi){.vcpu = 77}),
             -XEN_ENOENT);
}

static bool (*chain)(struct trap *t);
static struct trap upcall;

static bool keep_upcall(struct trap *t)
{
    if (t->entry == ENTRY_EVENT)
        upcall = *t;
    return chain(t);
}

static void test_upcall_frame(void)
{
    u32 port = evtchn_new_ipi(0);
    struct evtchn_send send = {.port = port};
    long rax = __HYPERVISOR_event_channel_op;
    ul rip, rsp;

    chain = trap_hook;
    trap_hook = keep_upcall;
    port_unmask_local(port);
    events_unmask();
#if GUEST_BITS == 64
    asm volatile("movq $1f, %[rip]; mov %%rsp, %[rsp]; stc; syscall\n1:"
                 : "+a"(rax), [rip] "=m"(rip), [rsp] "=m"(rsp)
                 : "D"(EVTCHNOP_send), "S"(&send)
                 : "rcx", "r11", "memory", "cc");
#else
    asm volatile("movl $1f, %[rip]; mov %%esp, %[rsp]; stc; int $0x82\n1:"
                 : "+a"(rax), [rip] "=m"(rip), [rsp] "=m"(rsp)
                 : "b"(EVTCHNOP_send), "c"(&send)
                 : "memory", "cc");
#endif
    trap_hook = chain;
    check_num("upcall-taken", taken(port), 1);
    check_true("upcall-rip-behind-hypercall", upcall.rip == rip);
    check_true("upcall-rsp", upcall.rsp == rsp);
    check_hex("upcall-cs", TRAP_CS(&upcall), KERNEL_CS_SEEN);
    check_hex("upcall-ss", upcall.ss, FLAT_KERNEL_SS);
    check_num("upcall-saved-mask", TRAP_SAVED_MASK(&upcall), 0);
    check_num("upcall-masks", upcall.handler_mask, 1);
    check_hex("upcall-rflags", upcall.rflags & (FL_IF | FL_CF), FL_IF | FL_CF);
    check_hex("upcall-rax-is-result", upcall.regs.rax, 0);
    check_true("upcall-no-error-code", !upcall.has_error);
    check_num("upcall-mask-after", vcpu0_info->evtchn_upcall_mask, 0);
    check_rc("upcall-result", rax, 0);
    evtchn_close(port);
}

static void test_interdomain(void)
{
    u32 a, b, c;

    check_rc("loop-alloc_unbound", alloc_unbound(DOMID_SELF, DOMID_SELF, &a), 0);
    check_num("loop-alloc_unbound-status", evtchn_state(a), EVTCHNSTAT_unbound);
    check_rc("loop-send-unbound", evtchn_send(a), 0);
    events_mask();
    check_rc("loop-bind", bind_interdomain(DOMID_SELF, a, &b), 0);
    check_true("loop-two-ports", a != b);
    check_num("loop-status-a", evtchn_state(a), EVTCHNSTAT_interdomain);
    check_num("loop-status-b", evtchn_state(b), EVTCHNSTAT_interdomain);
    check_true("loop-bind-makes-b-pending", port_pending(b));
    port_clear(a);
    port_clear(b);
    events_drop();
    port_unmask_local(a);
    port_unmask_local(b);
    events_unmask();
    taken(a), taken(b);
    evtchn_send(a);
    check_true("loop-a-arrives-at-b", taken(a) == 0 && taken(b) == 1);
    evtchn_send(b);
    check_true("loop-b-arrives-at-a", taken(a) == 1 && taken(b) == 0);
    check_rc("loop-bind-bound", bind_interdomain(DOMID_SELF, a, &c), -XEN_EINVAL);
    check_rc("loop-close-a", evtchn_close(a), 0);
    check_num("loop-b-unbound-again", evtchn_state(b), EVTCHNSTAT_unbound);
    check_rc("loop-close-b", evtchn_close(b), 0);
    check_rc("bind-no-such-port", bind_interdomain(DOMID_SELF, 1000, &c), -XEN_EINVAL);
    check_rc("bind-no-such-domain", bind_interdomain(0x7000, 1, &c), -XEN_ESRCH);
    fact_rc("alloc-other-domain", alloc_unbound(0x7000, DOMID_SELF, &c));
}

static void test_virq(void)
{
    u32 a, b;

    check_rc("virq-timer", bind_virq(VIRQ_TIMER, 0, &a), 0);
    check_num("virq-status", evtchn_state(a), EVTCHNSTAT_virq);
    check_rc("virq-twice", bind_virq(VIRQ_TIMER, 0, &b), -XEN_EEXIST);
    check_rc("virq-close", evtchn_close(a), 0);
    check_rc("virq-again-after-close", bind_virq(VIRQ_TIMER, 0, &a), 0);
    fact_rc("virq-send", evtchn_send(a));
    fact_rc("virq-bind_vcpu", bind_vcpu(a, 0));
    evtchn_close(a);
    fact_rc("virq-debug", bind_virq(VIRQ_DEBUG, 0, &a));
    evtchn_close(a);
    check_rc("virq-unknown", bind_virq(24, 0, &a), -XEN_EINVAL);
    check_rc("virq-no-such-vcpu", bind_virq(VIRQ_TIMER, 77, &a), -XEN_ENOENT);
    fact_rc("virq-global", bind_virq(VIRQ_CONSOLE, 0, &a));
    fact_rc("virq-global-on-vcpu-1", bind_virq(VIRQ_TBUF, 1, &a));
    fact_rc("pirq", evtchn(EVTCHNOP_bind_pirq, &(struct evtchn_bind_pirq){.pirq = 5}));
}

static void test_bind_vcpu(void)
{
    u32 ipi = evtchn_new_ipi(0), port;

    alloc_unbound(DOMID_SELF, DOMID_SELF, &port);
    check_rc("bind_vcpu-0", bind_vcpu(port, 0), 0);
    check_rc("bind_vcpu-no-such-vcpu", bind_vcpu(port, 77), -XEN_ENOENT);
    check_rc("bind_vcpu-ipi", bind_vcpu(ipi, 0), -XEN_EINVAL);
    check_rc("bind_vcpu-free-port", bind_vcpu(900, 0), -XEN_EINVAL);
    evtchn_close(port);
    evtchn_close(ipi);
}

/* None of these may start the FIFO events: all else here is tested without. */
static void test_bad_control_blocks(void)
{
    struct evtchn_init_control op = {.control_gfn = mfn_of(page_alloc()), .offset = 4};

    check_rc("init_control-misaligned", evtchn(EVTCHNOP_init_control, &op), -XEN_EINVAL);
    op.offset = 4096 - 64;
    check_rc("init_control-crossing", evtchn(EVTCHNOP_init_control, &op), -XEN_EINVAL);
    op.offset = 0;
    op.control_gfn = BAD_FRAME;
    check_rc("init_control-no-frame", evtchn(EVTCHNOP_init_control, &op), -XEN_EINVAL);
}

static void test_console_and_errors(void)
{
    struct evtchn_status st = {.dom = 0x7000};

    if (!(start_info->flags & SIF_INITDOMAIN)) {
        check_num("console-port", evtchn_state(start_info->console.domU.evtchn),
                  EVTCHNSTAT_interdomain);
        check_num("store-port", evtchn_state(start_info->store_evtchn), EVTCHNSTAT_interdomain);
    }
    check_rc("send-port-0", evtchn_send(0), -XEN_EINVAL);
    check_rc("send-no-such-port", evtchn_send(1u << 30), -XEN_EINVAL);
    check_rc("close-no-such-port", evtchn_close(1u << 30), -XEN_EINVAL);
    check_rc("unmask-no-such-port", unmask(1u << 30), -XEN_EINVAL);
    check_rc("status-no-such-port", evtchn_state(1u << 30), -XEN_EINVAL);
    check_rc("status-no-such-domain", evtchn(EVTCHNOP_status, &st), -XEN_ESRCH);
    check_num("status-port-0", evtchn_state(0), EVTCHNSTAT_closed);
    fact_rc("set_priority",
            evtchn(EVTCHNOP_set_priority, &(struct evtchn_set_priority){.port = 1, .priority = 3}));
    check_rc("init_control-no-such-vcpu",
             evtchn(EVTCHNOP_init_control, &(struct evtchn_init_control){.vcpu = 77}), -XEN_ENOENT);
    test_bad_control_blocks();
    fact_rc("expand_array-without-fifo", evtchn(EVTCHNOP_expand_array, &(u64){0}));
    fact_rc("reset-other", evtchn(EVTCHNOP_reset, &(struct evtchn_reset){.dom = 0x7000}));
}

static void test_compat(void)
{
    struct evtchn_op op = {.cmd = EVTCHNOP_bind_ipi};

    check_rc("compat-bind_ipi", hc(event_channel_op_compat, &op), 0);
    check_num("compat-status", evtchn_state(op.u.bind_ipi.port), EVTCHNSTAT_ipi);
    evtchn_close(op.u.bind_ipi.port);
    op.cmd = 77;
    fact_rc("compat-unknown", hc(event_channel_op_compat, &op));
}

static void test_many(void)
{
    static u32 ports[100];
    int distinct = 0, closed = 0;

    for (unsigned i = 0; i < ARRAY_LEN(ports); i++)
        ports[i] = evtchn_new_ipi(0);
    for (unsigned i = 0; i < ARRAY_LEN(ports); i++) {
        bool same = false;

        for (unsigned j = 0; j < i; j++)
            same |= ports[i] == ports[j];
        distinct += !same;
    }
    check_num("many-distinct", distinct, ARRAY_LEN(ports));
    for (unsigned i = 0; i < ARRAY_LEN(ports); i++)
        closed += evtchn_close(ports[i]) == 0;
    check_num("many-closed", closed, ARRAY_LEN(ports));
}

void test_main(void)
{
    test_ipi_delivery();
    test_upcall_frame();
    test_interdomain();
    test_virq();
    test_bind_vcpu();
    test_console_and_errors();
    test_compat();
    test_many();
}
