/* SPDX-License-Identifier: MIT */
/* The state in which a vCPU starts: VCPUOP_initialise, and that of a saved guest. */
#ifndef SHIM_VCPU_INIT_H
#define SHIM_VCPU_INIT_H

#include "vcpu.h"

/* ctxt: guest address of a struct vcpu_guest_context.  0 or -XEN_E*. */
s64 vcpu_initialise(struct vcpu *v, u64 ctxt);
/* The same of a 32-bit guest: a struct vcpu_guest_context_x86_32, below the hypervisor's hole. */
s64 vcpu_initialise32(struct vcpu *v, u64 ctxt);
/* What both do with a context that may be anywhere, also in the shim's own memory (adopt.c). */
s64 vcpu_load_context(struct vcpu *v, u64 ctxt);
s64 vcpu_load_context32(struct vcpu *v, u64 ctxt);

/* What both ask first, and what they do at last. */
static inline s64 vcpu_may_initialise(const struct vcpu *v)
{
    if (v->initialised)
        return -XEN_EEXIST;
    if (v->id >= XEN_LEGACY_MAX_VCPUS && !v->vi_registered)
        return -XEN_EINVAL; /* it has no vcpu_info that the guest could look at */
    return 0;
}

static inline void vcpu_initialised(struct vcpu *v)
{
    v->vm_assist = vcpu_of(0)->vm_assist; /* the domain's */
    v->iopl_assist = vcpu_of(0)->iopl_assist;
    v->restart = v->started;
    v->nmi_masked = v->nmi_pending = false;
    v->initialised = true;
}

#endif
