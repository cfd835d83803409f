/* SPDX-License-Identifier: MIT */
/* mmuext.c, for the same call of a 32-bit guest. */
#ifndef SHIM_MMUEXT_H
#define SHIM_MMUEXT_H

#include "guest.h"
#include "vcpu.h"

/* One operation; 0 or -XEN_E*. */
s64 mmuext_one(struct vcpu *v, const struct mmuext_op *op);

/* What quick.h says of it. */
u32 mmuext_quick(u64 ops, u64 count);

/* May this domain's tables be meant?  0 or -XEN_E*. */
static inline s64 mmuext_foreign(u64 foreign)
{
    if (likely(own_domain(foreign)))
        return 0;
    return foreign == DOMID_XEN || foreign == DOMID_IO ? -XEN_EPERM : -XEN_ESRCH;
}

#endif
