/* SPDX-License-Identifier: MIT */
/*
 * Run-state of a vCPU.  Guest vCPU n is L0's vCPU n and halts in L0 when it is idle, so L0's
 * figures are the guest's.  They come to lobby(v)->l0_runstate, and from there to the guest's area
 * whenever the shim is left and they changed.  How they come there is probed, in this order:
 *
 *   phys  L0 writes it, by its physical address (L0 4.18)
 *   va    L0 writes it, by its virtual address, which is mapped in every table
 *   poll  L0 is asked at each interrupt
 */
#ifndef STOLEN_TIME_RUNSTATE_H
#define STOLEN_TIME_RUNSTATE_H

#include "vcpu.h"

/* Once, on vCPU 0: chooses the way and starts it; force = its name, or "" to probe.  Refuses when
 * L0 has no run-states. */
void runstate_init(struct vcpu *v, const char *force);
/* On each other vCPU. */
void runstate_init_vcpu(struct vcpu *v);
const char *runstate_name(void);
/* On each vCPU in a new domain instance, behind the above: its figures begin at 0.  L0 counts from
 * the vCPU's making, so a restore that takes long would be shown as time stolen from the guest. */
void runstate_resume(struct vcpu *v);

/* L0's NOW() from its run-states, on any L0.  False when its start is unknown: then it only goes at
 * the right rate. */
bool runstate_l0_now(u64 *now);

/* VCPUOP_register_runstate_memory_area: guest address, 0 = none. */
s64 runstate_register(struct vcpu *v, u64 area);
/* VCPUOP_get_runstate_info. */
s64 runstate_get(struct vcpu *v, struct vcpu_runstate_info *out);

/* On v itself.  Did L0 switch to v since we looked? */
static inline bool runstate_changed(const struct vcpu *v)
{
    return v->runstate_seen != lobby(v)->l0_runstate.state_entry_time;
}
/* If so: the guest's area and clock, which must be mapped. */
void runstate_update(struct vcpu *v);

/* At each interrupt. */
extern bool runstate_polled;
void runstate_poll(struct vcpu *v);
static inline void runstate_interrupt(struct vcpu *v)
{
    if (unlikely(runstate_polled))
        runstate_poll(v);
}

#endif
