/* SPDX-License-Identifier: MIT */
/* VCPUOP_initialise. */
#ifndef SHIM_VCPU_INIT_H
#define SHIM_VCPU_INIT_H

#include "vcpu.h"

/* ctxt: guest address of a struct vcpu_guest_context.  0 or -XEN_E*. */
s64 vcpu_initialise(struct vcpu *v, u64 ctxt);
/* The same of a 32-bit guest: a struct vcpu_guest_context_x86_32, below the hypervisor's hole. */
s64 vcpu_initialise32(struct vcpu *v, u64 ctxt);

#endif
