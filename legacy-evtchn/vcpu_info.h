/* SPDX-License-Identifier: MIT */
/*
 * Where each vCPU's vcpu_info lies, L0's and the guest's first one.  shared_info has room for 32;
 * for those beyond, L0 4.1.3 and 4.2.3 and later let the domain register a place of its own
 * (VCPUOP_register_vcpu_info, <xen/vcpu.h>).  Older ones give them neither events nor time.
 */
#ifndef SHIM_VCPU_INFO_H
#define SHIM_VCPU_INFO_H

#include "vcpu.h"

/* Of `wanted` vCPUs, how many can have events: registers a place for each beyond 32.  By main.c,
 * once, while these vCPUs are down. */
u32 vcpu_info_register(u32 wanted);

/* In a new domain instance, after a restore: L0's place for one vCPU again. Its error if it has
 * none, or if another vCPU than the caller's has run already: those do it themselves. */
s64 vcpu_info_connect(u32 vcpu);

/* After guest.shared is there: sets l0_vi and vi of a vCPU. */
void vcpu_info_init(struct vcpu *v);

#endif
