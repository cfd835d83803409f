/* SPDX-License-Identifier: MIT */
/*
 * System time and wall clock of the guest.  Nanoseconds, 64 bit.  Rate and base come from L0, never
 * from a calibration.  The guest's time is L0's plus an offset that stays fixed while the domain
 * stays on its host.
 *
 *   pvclock   L0's vcpu_time_info, where it is safe for HVM guests (XENFEAT_hvm_safe_pvclock)
 *   runstate  Elsewhere (3.4, 4.0.0) it is in the host's TSC, not in ours.  L0's time is then the
 *             sum of vCPU 0's run-state times, which every vCPU can ask for; between two such looks
 *             the TSC goes on at L0's rate.  Never marked TSC_STABLE.
 */
#ifndef STOLEN_TIME_CLOCK_H
#define STOLEN_TIME_CLOCK_H

#include "vcpu.h"

/* Once, on vCPU 0, behind runstate_init; force = name of the clock, or "" to probe. */
void clock_init(const char *force);
const char *clock_name(void);
/* connect.c, behind clock_init in a new domain instance, whose L0 time is another: the guest's goes
 * on from `ns`. */
void clock_continue(u64 ns);
/* Guest system time now, on the calling vCPU. */
u64 clock_now(void);
/* L0's NOW() as guest system time, and back. */
u64 clock_from_l0(u64 l0_ns);
bool clock_to_l0(u64 ns, u64 *l0_ns); /* false where L0's is not known */
/* kHz of the TSC that the guest reads; scale as in vcpu_time_info. */
u32 clock_tsc_khz(void);
void clock_scale(u32 *mul, s8 *shift);

/* Brings the guest's vcpu_time_info, and its second copy, up to date with L0's.  Cheap when there
 * is nothing new. */
void clock_refresh(struct vcpu *v);
/* The same whether or not there is something new: after the guest moved its vcpu_info. */
void clock_force_refresh(struct vcpu *v);
/* VCPUOP_register_vcpu_time_memory_area: guest address, 0 = none. */
void clock_register_area(struct vcpu *v, u64 area);
/* The wall clock in the guest's shared_info. */
void clock_wallclock(void);

#endif
