// SPDX-License-Identifier: MIT
/* See vcpu.h. */
#include "vcpu.h"

#include "quick.h"
#include "usercopy.h"

u32 nr_vcpus = 1;
struct quick_ways quick_ways;

void vcpu_set_kernel_sp(struct vcpu *v, u64 sp)
{
    v->kernel_sp = sp;
    v->to_syscall.rsp = sp - SYSCALL_PUSHES;
    v->odd_kernel_sp = sp & 15 || !guest_range_ok(sp - SYSCALL_PUSHES, SYSCALL_PUSHES);
}

void vcpu_stack_seen(struct vcpu *v)
{
    if (!v->odd_kernel_sp)
        v->stacks_seen[v->kernel_sp >> STACKS_SEEN_SHIFT & (STACKS_SEEN - 1)] = v->kernel_sp;
}

/* What is left must not look like one that was seen: of slot 0, 0 would. */
void vcpu_forget_stacks(struct vcpu *v)
{
    v->stacks_seen[0] = 1UL << STACKS_SEEN_SHIFT;
    for (unsigned int i = 1; i < STACKS_SEEN; i++)
        v->stacks_seen[i] = 0;
}
