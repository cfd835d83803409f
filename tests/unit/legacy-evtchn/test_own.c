// SPDX-License-Identifier: MIT
/* The ports of xenstore and the console: the guest's numbers stay, whatever L0's are, and L0 gives
 * it no number that it has in such use. */
#include "unit.h"
#include "event_ports.h"
#include "evtchn.h"
#include "guest.h"
#include "kick.h"
#include "l0.h"
#include "shim.h"

u32 nr_vcpus = 1;
struct guest guest;
struct l0_facts l0;
struct shared_info *l0_shared;
bool fifo_on;
static struct shared_info l0s, guests;

/* L0: which numbers are in use, what is sent, and what is unmasked. */
static bool used[16];
static u32 sent, unmasked;

/* The shim's side: which port was raised in the guest, and what L0's are kept. */
static struct {
    u32 port;
    void (*raised)(void);
} kept[NR_OWN];

s64 l0_call(u32 nr, u64 op, u64 arg, u64 a3, u64 a4, u64 a5)
{
    (void)a3, (void)a4, (void)a5;
    assert_int_equal(nr, __HYPERVISOR_event_channel_op);
    switch (op) {
    case EVTCHNOP_alloc_unbound:
    case EVTCHNOP_bind_ipi: {
        u32 *port = op == EVTCHNOP_bind_ipi ? &((struct evtchn_bind_ipi *)arg)->port
                                            : &((struct evtchn_alloc_unbound *)arg)->port;
        for (u32 p = 1; p < ARRAY_SIZE(used); p++)
            if (!used[p]) {
                used[p] = true;
                *port = p;
                return 0;
            }
        return -XEN_ENOSPC;
    }
    case EVTCHNOP_close:
        used[((struct evtchn_close *)arg)->port] = false;
        return 0;
    case EVTCHNOP_send:
        sent = ((struct evtchn_send *)arg)->port;
        return 0;
    case EVTCHNOP_unmask:
        unmasked |= 1u << ((struct evtchn_unmask *)arg)->port;
        return 0;
    }
    fail_msg("call %lu", op);
    return 0;
}
void upcall_keep_port(enum own which, u32 port, void (*raised)(void))
{
    kept[which].port = port;
    kept[which].raised = raised;
}
void kick_vcpu(struct vcpu *v)
{
    (void)v;
}
void kick_pollers(u32 port)
{
    (void)port;
}
void fifo_raise(u32 port)
{
    (void)port;
}
bool fifo_pending(u32 port)
{
    (void)port;
    return false;
}
void fifo_clear(u32 port)
{
    (void)port;
}
u32 fifo_free_port(void)
{
    return 0;
}
void fifo_off(void) {}

static int start(void **state)
{
    (void)state;
    for (u32 p = 1; p < NR_PORTS; p++)
        port_free(p);
    memset(&guests, 0, sizeof(guests));
    memset(&l0s, 0, sizeof(l0s));
    memset(used, 0, sizeof(used));
    memset(kept, 0, sizeof(kept));
    memset(guests.evtchn_mask, 0xff, sizeof(guests.evtchn_mask));
    l0_shared = &l0s;
    guest = (struct guest){.shared = &guests,
                           .pending = guests.evtchn_pending,
                           .mask = guests.evtchn_mask,
                           .store_port = 1,
                           .console_port = 2};
    l0 = (struct l0_facts){.store_evtchn = 1, .console_evtchn = 2};
    sent = unmasked = 0;
    return 0;
}

static bool pending(u32 port)
{
    return guests.evtchn_pending[0] >> port & 1;
}

static void the_same_numbers_are_l0s_ports(void **state)
{
    (void)state;
    own_claim();
    own_connect();
    assert_int_equal(ports[1].kind, PORT_L0);
    assert_int_equal(ports[2].kind, PORT_L0);
    assert_int_equal(kept[OWN_STORE].port, 0);
    assert_int_equal(kept[OWN_CONSOLE].port, 0);
    assert_int_equal(unmasked, 1 << 1 | 1 << 2);
}

/* As with one vCPU on Xen before 4.2, which has a console ring of L0's by 3 here: L0's number of
 * xenstore is the guest's of the console. */
static void other_numbers_are_raised_at_the_guests(void **state)
{
    (void)state;
    l0.store_evtchn = 2;
    l0.console_evtchn = 3;
    own_claim();
    own_connect();
    assert_int_equal(ports[1].kind, PORT_SHIM);
    assert_int_equal(ports[2].kind, PORT_SHIM);
    assert_int_equal(ports[3].kind, PORT_FREE);
    assert_int_equal(unmasked, 1 << 2 | 1 << 3);
    assert_int_equal(kept[OWN_STORE].port, 2);
    kept[OWN_STORE].raised();
    assert_true(pending(1) && !pending(2));
    assert_int_equal(kept[OWN_CONSOLE].port, 3);
    kept[OWN_CONSOLE].raised();
    assert_true(pending(2) && !pending(3));
    assert_false(own_notified(1));
    assert_int_equal(sent, 2);
    assert_false(own_notified(2));
    assert_int_equal(sent, 3);
}

static u32 told;
static bool ring_notified(void)
{
    told++;
    return true;
}

/* The console's ring has the shim at its other end: what is kept for it is the ring's business. */
static void a_ring_of_the_shims_and_another_number_of_xenstore(void **state)
{
    u32 port = 0;

    (void)state;
    l0.store_evtchn = 2;
    l0.console_evtchn = 0;
    assert_int_equal(own_open(OWN_CONSOLE, &port, 2, ring_notified), 0);
    assert_int_equal(port, 2);
    own_claim();
    own_connect();
    assert_int_equal(unmasked, 1 << 2);
    assert_int_equal(kept[OWN_CONSOLE].port, 0);
    kept[OWN_STORE].raised();
    assert_true(pending(1) && !pending(2));
    assert_true(own_notified(2));
    assert_int_equal(told, 1);
    assert_false(own_notified(1));
    assert_int_equal(sent, 2);
}

static void l0_never_gives_a_number_that_the_guest_has(void **state)
{
    struct evtchn_bind_ipi ipi = {0};
    u32 port;

    (void)state;
    l0.store_evtchn = 4;
    l0.console_evtchn = 5;
    used[4] = used[5] = true;
    own_claim();
    for (u32 want = 3; want < 8; want += want == 3 ? 3 : 1) {
        assert_int_equal(event_reserve(&port), 0);
        assert_int_equal(port, want);
    }
    assert_int_equal(event_open_at_l0(EVTCHNOP_bind_ipi, &ipi, &ipi.port), 0);
    assert_int_equal(ipi.port, 8);
    /* once the guest has closed its own the number is like all others */
    port_free(1);
    event_close_at_l0(1);
    assert_int_equal(event_reserve(&port), 0);
    assert_int_equal(port, 1);
}

static void without_free_numbers_it_ends(void **state)
{
    u32 port;

    (void)state;
    memset(used, true, sizeof(used));
    used[1] = false;
    l0.store_evtchn = 2;
    own_claim();
    assert_int_equal(event_reserve(&port), -XEN_ENOSPC);
}

static const struct CMUnitTest tests[] = {
    /* first, as long as nobody has a ring */
    cmocka_unit_test_setup(the_same_numbers_are_l0s_ports, start),
    cmocka_unit_test_setup(other_numbers_are_raised_at_the_guests, start),
    cmocka_unit_test_setup(l0_never_gives_a_number_that_the_guest_has, start),
    cmocka_unit_test_setup(without_free_numbers_it_ends, start),
    cmocka_unit_test_setup(a_ring_of_the_shims_and_another_number_of_xenstore, start),
};

UNIT_MAIN(tests)
