// SPDX-License-Identifier: MIT
#include "isolate32.h"
void isolate32_init_vcpu(struct vcpu *v, const u64 *l3)
{
    (void)v, (void)l3;
}
u64 isolate32_l3_flags(unsigned int gib)
{
    (void)gib;
    return 0;
}
bool isolate32_fault(struct vcpu *v, u64 addr, u32 *error_code)
{
    (void)v, (void)addr, (void)error_code;
    return false;
}
void isolate32_refresh(struct vcpu *v)
{
    (void)v;
}
