// SPDX-License-Identifier: MIT
/* See freeze.h. */
#include "freeze.h"

#include "l0.h"
#include "lapic.h"
#include "shim.h"
#include "kick.h"

volatile bool freezing;
static void (*before_going_on)(struct vcpu *v);

void freeze_here(struct vcpu *v)
{
    v->frozen = true;
    while (freezing) {
        kick_answer(v);
        __builtin_ia32_pause();
    }
    if (before_going_on)
        before_going_on(v);
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
        kick_answer(current());
        l0_yield();
    }
}

void freeze_others(void)
{
    freezing = true;
    wait_for_others(true);
}

void thaw_others(void (*each)(struct vcpu *v))
{
    before_going_on = each;
    __atomic_store_n(&freezing, false, __ATOMIC_SEQ_CST);
    wait_for_others(false);
}
