// SPDX-License-Identifier: MIT
/* See kick.h. */
#include "kick.h"

#include "count.h"
#include "l0.h"
#include "lapic.h"
#include "shim.h"

#define SPINS_BEFORE_YIELD 300

static volatile u32 pollers; /* vCPUs in SCHEDOP_poll */

void kick_vcpu(struct vcpu *v)
{
    if (v == current() || !v->up || !v->started)
        return;
    if (v->kick_port)
        l0_notify(v->kick_port);
    else
        lapic_send(v->apic_id, ICR_ASSERT | VECTOR_IPI);
}

void kick_pollers(u32 port)
{
    if (likely(!pollers))
        return;
    for (u32 i = 0; i < nr_vcpus; i++) {
        u32 polled = vcpu_of(i)->poll_port;

        if (polled == port || polled == POLL_ANY)
            kick_vcpu(vcpu_of(i));
    }
}

void kick_answer(struct vcpu *v)
{
    if (ACCESS_ONCE(v->kick) &&
        __atomic_fetch_and(&v->kick, ~KICK_FLUSH, __ATOMIC_SEQ_CST) & KICK_FLUSH) {
        COUNT(tlb_flush);
        write_cr3(read_cr3());
    }
}

/* A holder that L0 has put off the CPU may wait for the one that is spent here. */
void lock_wait(const lock_t *l)
{
    for (u32 spins = 0; l->held; spins++) {
        kick_answer(current());
        __builtin_ia32_pause();
        if (spins == SPINS_BEFORE_YIELD) {
            l0_yield();
            spins = 0;
        }
    }
}

void kick_set_polling(struct vcpu *v, u32 port)
{
    bool polled = v->poll_port;

    v->poll_port = port;
    if (polled != (port != 0))
        __atomic_fetch_add(&pollers, port ? 1 : -1u, __ATOMIC_SEQ_CST);
}
