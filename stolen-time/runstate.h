/* SPDX-License-Identifier: MIT */
/*
 * Run-state of a vCPU.  Guest vCPU n is L0's vCPU n and halts in L0 when it is idle, so L0's
 * figures are the guest's.  L0 writes them to v->l0_runstate, which is mapped in every table;
 * from there they go to the guest's area whenever the shim is left and they changed.
 */
#ifndef STOLEN_TIME_RUNSTATE_H
#define STOLEN_TIME_RUNSTATE_H

#include "vcpu.h"

/* On the vCPU itself: registers v->l0_runstate with L0.  Refuses when L0 has no run-states. */
void runstate_init_vcpu(struct vcpu *v);
/* VCPUOP_register_runstate_memory_area: guest address, 0 = none.  0 or -XEN_EFAULT. */
s64 runstate_register(struct vcpu *v, u64 area);
/* VCPUOP_get_runstate_info. */
s64 runstate_get(struct vcpu *v, struct vcpu_runstate_info *out);
/* Writes the guest's area; runstate_changed() says when. */
void runstate_update(struct vcpu *v);

static inline bool runstate_changed(const struct vcpu *v)
{
    return v->runstate_area && v->runstate_seen != v->l0_runstate.state_entry_time;
}

#endif
