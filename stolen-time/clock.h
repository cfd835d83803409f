/* SPDX-License-Identifier: MIT */
/*
 * System time and wall clock of the guest.  Nanoseconds, 64 bit.  Rate and base come from L0
 * (vcpu_time_info), never from a calibration.
 *
 * Where L0's pvclock is safe for HVM guests (XENFEAT_hvm_safe_pvclock) the guest's time is L0's
 * plus an offset that stays fixed while the domain stays on its host.  Elsewhere (3.4, 4.0.0) only
 * L0's rate can be used: the guest's time is the TSC scaled by it, from 0 at the shim's start.
 */
#ifndef STOLEN_TIME_CLOCK_H
#define STOLEN_TIME_CLOCK_H

#include "vcpu.h"

/* Once, on vCPU 0, when l0_shared is mapped. */
void clock_init(void);
/* Guest system time now, on the calling vCPU. */
u64 clock_now(void);
/* L0's NOW() as guest system time; for run-states. */
u64 clock_from_l0(u64 l0_ns);
/* kHz of the TSC that the guest reads; scale as in vcpu_time_info. */
u32 clock_tsc_khz(void);
void clock_scale(u32 *mul, s8 *shift);

/* Brings the guest's vcpu_time_info, and its second copy, up to date with L0's.  Cheap when there
 * is nothing new. */
void clock_refresh(struct vcpu *v);
/* The same whether or not there is something new: after the guest moved its vcpu_info. */
void clock_force_refresh(struct vcpu *v);
/* The wall clock in the guest's shared_info. */
void clock_wallclock(void);

#endif
