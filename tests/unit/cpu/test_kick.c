// SPDX-License-Identifier: MIT
/* Waiting for a lock: the CPU goes to who holds it, however few CPUs L0 has. */
#include "unit.h"
#include "l0.h"
#include "lapic.h"
#include "regs.h"
#include "vcpu.h"

static struct vcpu me, others[3];
static unsigned long answered;
static u64 no_cr3(void)
{
    answered++;
    return 0;
}
#define current()    (&me)
#define vcpu_of(i)   ((i) ? &others[(i)-1] : &me)
#define read_cr3()   no_cr3()
#define write_cr3(v) (void)(v)
#include "../../../xen-shim/cpu/kick.c"

u32 nr_vcpus = 1;
bool lapic_by_msr;
static lock_t lock_of_another;
static unsigned int yields, until, notified;

/* The other vCPU gets the CPU only when it is given. */
s64 l0_call(u32 nr, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    (void)a3, (void)a4, (void)a5;
    if (nr == __HYPERVISOR_event_channel_op) {
        assert_int_equal(a1, EVTCHNOP_send);
        notified |= 1u << ((const struct evtchn_send *)a2)->port;
        return 0;
    }
    assert_int_equal(nr, __HYPERVISOR_sched_op);
    assert_int_equal(a1, SCHEDOP_yield);
    if (++yields == until)
        unlock(&lock_of_another);
    return 0;
}

static void the_holder_gets_the_cpu(void **state)
{
    (void)state;
    for (until = 1; until <= 3; until++) {
        yields = 0;
        assert_true(trylock(&lock_of_another));
        lock_wait(&lock_of_another);
        assert_int_equal(yields, until);
    }
}

static void a_free_lock_costs_no_call(void **state)
{
    (void)state;
    yields = 0;
    lock(&lock_of_another);
    unlock(&lock_of_another);
    lock_wait(&lock_of_another);
    assert_int_equal(yields, 0);
}

/* The holder may wait for that before it lets go. */
static void flushes_are_answered_meanwhile(void **state)
{
    (void)state;
    yields = 0, until = 1, answered = 0;
    me.kick = KICK_FLUSH;
    assert_true(trylock(&lock_of_another));
    lock_wait(&lock_of_another);
    assert_int_equal(answered, 1);
    assert_int_equal(me.kick & KICK_FLUSH, 0);
}

/* A hundred vCPUs that wait for locks would else wake one another for nothing. */
static void who_polls_for_another_port_isnt_woken(void **state)
{
    const u32 polled[] = {7, POLL_ANY, 9};

    (void)state;
    nr_vcpus = 4;
    for (unsigned int i = 0; i < 3; i++) {
        others[i] = (struct vcpu){.up = true, .started = true, .kick_port = 10 + i};
        kick_set_polling(&others[i], polled[i]);
    }
    notified = 0;
    kick_pollers(7);
    assert_int_equal(notified, 1u << 10 | 1u << 11);
    for (unsigned int i = 0; i < 3; i++)
        kick_set_polling(&others[i], 0);
    notified = 0;
    kick_pollers(7);
    assert_int_equal(notified, 0);
    assert_int_equal(pollers, 0);
    nr_vcpus = 1;
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_holder_gets_the_cpu),
    cmocka_unit_test(a_free_lock_costs_no_call),
    cmocka_unit_test(flushes_are_answered_meanwhile),
    cmocka_unit_test(who_polls_for_another_port_isnt_woken),
};

UNIT_MAIN(tests)
