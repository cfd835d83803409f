// SPDX-License-Identifier: MIT
/* See vcpu.h. */
#include "vcpu.h"

#include "usercopy.h"

u32 nr_vcpus = 1;

void vcpu_set_kernel_sp(struct vcpu *v, u64 sp)
{
    v->kernel_sp = sp;
    v->odd_kernel_sp = sp & 15 || !guest_range_ok(sp - 56, 56);
}
