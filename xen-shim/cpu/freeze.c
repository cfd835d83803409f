// SPDX-License-Identifier: MIT
/* See freeze.h. */
#include "freeze.h"

#include "connect.h"
#include "l0.h"
#include "lapic.h"
#include "shim.h"
#include "smp.h"

volatile bool freezing;
static bool anew; /* the thawed vCPUs are in a new domain instance */

void freeze_here(struct vcpu *v)
{
    v->frozen = true;
    while (freezing) {
        smp_do_kicks(v);
        __builtin_ia32_pause();
    }
    if (anew)
        reconnect_vcpu(v);
    __atomic_store_n(&v->frozen, false, __ATOMIC_SEQ_CST);
}

/* Who is started, is it frozen? One that starts now is started by one that isn't. */
static bool others_are(bool frozen)
{
    bool all = true;

    for (u32 i = 0; i < nr_vcpus; i++) {
        struct vcpu *v = vcpu_of(i);
        if (v == current() || !ACCESS_ONCE(v->started) || ACCESS_ONCE(v->frozen) == frozen)
            continue;
        all = false;
        if (frozen)
            lapic_send(v->apic_id, ICR_ASSERT | VECTOR_IPI);
    }
    return all;
}

static void wait_for_others(bool frozen)
{
    while (!others_are(frozen)) {
        smp_do_kicks(current());
        l0_call2(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
    }
}

void freeze_others(void)
{
    freezing = true;
    wait_for_others(true);
}

void thaw_others(bool in_new_domain)
{
    anew = in_new_domain;
    __atomic_store_n(&freezing, false, __ATOMIC_SEQ_CST);
    wait_for_others(false);
}
