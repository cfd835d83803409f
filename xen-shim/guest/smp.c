// SPDX-License-Identifier: MIT
/* See smp.h. */
#include "smp.h"

#include "evtchn.h"
#include "freeze.h"
#include "guest_time.h"
#include "kick.h"
#include "l0.h"
#include "lapic.h"
#include "mmu.h"
#include "shim.h"
#include "start.h"

static lock_t updown_lock; /* who is up */

void smp_count(u32 limit)
{
    struct vcpu_runstate_info rs;
    u32 n = 1, max = l0_shared ? MAX_VCPUS : 1;

    if (limit && limit < max)
        max = limit;
    while (n < max && !l0_vcpu_op(VCPUOP_get_runstate_info, n, &rs))
        n++;
    nr_vcpus = vcpu_info_register(n);
}

/*
 * Stopped by VCPUOP_down: as good as absent until somebody ups it.  That may be in the middle of a
 * block or a poll, which then goes on, and looks at its ports again, or is forgotten with all else
 * (restart).
 */
static void park(struct vcpu *v)
{
    u32 poll_port = v->poll_port;

    v->parked = true;
    kick_set_polling(v, 0);
    while (!ACCESS_ONCE(v->up)) {
        timer_park(v);
        idle();
    }
    v->parked = false;
    if (v->restart) {
        v->restart = v->idle = false;
        start_guest(v);
    }
    kick_set_polling(v, poll_port);
    clock_force_refresh(v);
    timer_run(v);
}

void smp_ipi(struct vcpu *v)
{
    lapic_eoi();
    kick_answer(v);
    if (unlikely(freezing))
        freeze_here(v);
    /* down and up again while this was on its way is nothing, but for an initialise between */
    if (unlikely((!v->up || v->restart) && v->started && !v->parked))
        park(v);
    if (unlikely(v->user_table_dirty && !v->kernel_mode))
        mmu_rechoose_user_table(v);
}

void smp_up(struct vcpu *v)
{
    lock(&updown_lock);
    if (!v->up) {
        v->up = true;
        if (v->started)
            lapic_send(v->apic_id, ICR_ASSERT | VECTOR_IPI);
        else
            start_cpu(v);
    }
    unlock(&updown_lock);
}

void smp_down(struct vcpu *v)
{
    bool last = true, was_up;

    lock(&updown_lock);
    was_up = v->up;
    v->up = false;
    for (u32 i = 0; i < nr_vcpus; i++)
        last &= !vcpu_of(i)->up;
    if (last)
        l0_shutdown(SHUTDOWN_poweroff);
    unlock(&updown_lock);
    if (!was_up)
        return;
    if (v == current())
        park(v);
    else if (v->started)
        lapic_send(v->apic_id, ICR_ASSERT | VECTOR_IPI);
}
