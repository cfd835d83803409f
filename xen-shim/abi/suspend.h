/* SPDX-License-Identifier: MIT */
#ifndef SHIM_SUSPEND_H
#define SHIM_SUSPEND_H

#include "vcpu.h"

/*
 * SCHEDOP_shutdown with SHUTDOWN_suspend: the domain may be saved now, and what this returns is the
 * guest's answer: 0 when it goes on in a new domain instance, 1 when the toolstack let the old one
 * go on, or -XEN_EINVAL without a suspend: from another vCPU than 0, on which alone L0 can say 1,
 * or with a start_info that isn't the guest's.
 *   start_info  MFN of the guest's start_info, which tells it the new ring pages and ports
 */
s64 suspend(struct vcpu *v, u64 start_info);

/* Tells the guest in its start_info, as Xen's tools would, what is new to it: rings, ports and
 * shared_info.  Also of a saved guest that goes on here (adopt.c). */
void suspend_tell(mfn_t start_info);

#endif
