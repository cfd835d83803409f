// SPDX-License-Identifier: MIT
/*
 * Back from FIFO events by EVTCHNOP_reset, and over again, as a kernel does that another one
 * started (kexec): after the reset events come by the 2-level words alone and the old pages are
 * the guest's own; init_control takes other pages then.
 *
 * Xen closes the toolstack's ports, too, which leaves the other ends waiting: the guest binds to
 * them again, as such a kernel does.
 */
#include "guest.h"
#include "fifo.h"

static u32 other_end(u32 port)
{
    struct evtchn_status s = {.dom = DOMID_SELF, .port = port};

    return evtchn(EVTCHNOP_status, &s) || s.status != EVTCHNSTAT_interdomain ? 0
                                                                             : s.u.interdomain.port;
}

static void bind_again(u32 *port, u32 remote)
{
    struct evtchn_bind_interdomain b = {.remote_dom = 0, .remote_port = remote};

    if (evtchn_state(*port) == EVTCHNSTAT_closed && !evtchn(EVTCHNOP_bind_interdomain, &b)) {
        *port = b.local_port;
        if (!fifo_pages())
            port_mask(*port);
    }
}

/* Lines wait until the console is there again: this has no check in it. */
static long reset(void)
{
    struct evtchn_reset r = {.dom = DOMID_SELF};
    u32 console = other_end(start_info->console.domU.evtchn);
    u32 store = other_end(start_info->store_evtchn);
    long rc;

    console_flush();
    rc = evtchn(EVTCHNOP_reset, &r);
    bind_again(&start_info->store_evtchn, store);
    bind_again(&start_info->console.domU.evtchn, console);
    return rc;
}

static long init_control(unsigned vcpu)
{
    struct evtchn_init_control op = {
        .control_gfn = fifo_control_mfn(vcpu), .offset = 256, .vcpu = vcpu};

    return evtchn(EVTCHNOP_init_control, &op);
}

static long expand(void *page)
{
    struct evtchn_expand_array op = {.array_gfn = mfn_of(page)};

    return evtchn(EVTCHNOP_expand_array, &op);
}

/* The words of 2-level events, for one port that is raised and not taken. */
static void test_2level(const char *name)
{
    u32 p = evtchn_new_ipi(0);

    check_true(name, !port_pending(p));
    port_unmask_local(p);
    evtchn_send(p);
    check_true(name, port_pending(p) && vcpu0_info->evtchn_upcall_pending &&
                         vcpu0_info->evtchn_pending_sel >> p / (8 * sizeof(ul)) & 1);
    port_clear(p);
    check_num(name, event_count[p & 63], 0);
    evtchn_close(p);
    events_drop();
}

/* What the words had from before FIFO events is still in them. */
static void forget_2level(void)
{
    memset((void *)shared_info->evtchn_pending, 0, sizeof(shared_info->evtchn_pending));
    events_drop();
}

/* Nothing writes there any more. */
static bool untouched(const u8 *page)
{
    for (unsigned i = 0; i < PAGE_SIZE; i++)
        if (page[i] != 0xa5)
            return false;
    return true;
}

void test_back(void)
{
    u8 *control = (u8 *)fifo_control(0) - 256, *words = (u8 *)fifo_word(0);
    struct evtchn_set_priority priority = {.priority = 3};
    u32 queued = evtchn_new_ipi(0);

    events_mask();
    fifo_unmask(queued);
    evtchn_send(queued);
    check_true("back-queued", fifo_is(queued, EVTCHN_FIFO_LINKED));
    long rc = reset();
    forget_2level();
    memset(control, 0xa5, PAGE_SIZE);
    memset(words, 0xa5, PAGE_SIZE);
    check_rc("back-reset", rc, 0);
    int state = evtchn_state(queued); /* of a number that 2-level events may not have */
    check_true("back-closed", state == EVTCHNSTAT_closed || state == -XEN_EINVAL);
    check_rc("back-expand", expand(words), -XEN_EOPNOTSUPP);
    priority.port = start_info->console.domU.evtchn;
    check_rc("back-priority", evtchn(EVTCHNOP_set_priority, &priority), -XEN_ENOSYS);
    test_2level("back-2level");
    check_true("back-control-untouched", untouched(control));
    check_true("back-words-untouched", untouched(words));

    fifo_start();
    check_rc("over-again", init_control(0), 0);
    check_rc("over-again-vcpu1", init_control(1), 0);
    check_rc("over-again-twice", init_control(1), -XEN_EINVAL);
    u32 p = evtchn_new_ipi(0);
    check_rc("over-again-expand", fifo_expand(p), 0);
    fifo_unmask(p);
    fifo_forget();
    evtchn_send(p);
    events_unmask();
    check_true("over-again-taken", nr_taken == 1 && taken[0] == p);
    check_true("over-again-other-words", fifo_word(0) != (u32 *)words && untouched(words));
    check_true("over-again-other-control", untouched(control));

    /* a second time, and what was the guest's pages may go */
    xen_pfn_t mfn = mfn_of(words);
    struct xen_memory_reservation give = {.nr_extents = 1, .domid = DOMID_SELF};
    set_xen_guest_handle(give.extent_start, &mfn);
    check_rc("old-words-given-back", hc(memory_op, XENMEM_decrease_reservation, &give), 1);
    events_mask();
    check_rc("back-again", reset(), 0);
    forget_2level();
    test_2level("back-again-2level");
}
