// SPDX-License-Identifier: MIT
/* See debugreg.h.  Breakpoints on the shim's own addresses are refused. */
#include "debugreg.h"
#include "hypercall.h"
#include "shim.h"
#include "usercopy.h"

#define DR7_ONES    0x400UL
#define DR7_ZEROES  0xffffffff0000d000UL
#define DR7_GD      0x2000UL
#define DR7_ENABLED 0xffUL

/* The enable bits of all that are I/O breakpoints (type 2), set or not. */
static u64 io_breakpoints(u64 dr7)
{
    u64 bits = 0;

    for (unsigned int i = 0; i < 4; i++)
        if ((dr7 >> (16 + i * 4) & 3) == 2)
            bits |= 3UL << i * 2;
    return bits;
}

/* The CPU gets no I/O breakpoints: the shim's own accesses would hit them, and the guest has no
 * ports. The guest reads what it wrote. */
static void load_one(unsigned int reg, u64 val)
{
    switch (reg) {
    case 0:
        __asm__ volatile("mov %0, %%dr0" ::"r"(val));
        break;
    case 1:
        __asm__ volatile("mov %0, %%dr1" ::"r"(val));
        break;
    case 2:
        __asm__ volatile("mov %0, %%dr2" ::"r"(val));
        break;
    case 3:
        __asm__ volatile("mov %0, %%dr3" ::"r"(val));
        break;
    case 6:
        __asm__ volatile("mov %0, %%dr6" ::"r"(val));
        break;
    case 7:
        __asm__ volatile("mov %0, %%dr7" ::"r"(val & ~io_breakpoints(val)));
        break;
    }
}

/* What the guest wants in a register becomes what it can have. */
static s64 check(const struct vcpu *v, unsigned int reg, u64 *val)
{
    switch (reg) {
    case 0 ... 3:
        return guest_range_ok(*val, 8) ? 0 : -XEN_EPERM;
    case 6:
        if (*val >> 32)
            return -XEN_EINVAL;
        *val = (*val & ~0x1000UL) | DR6_ONES;
        return 0;
    case 7:
        if (*val >> 32)
            return -XEN_EINVAL;
        if (*val & DR7_GD)
            return -XEN_EPERM;
        *val = (*val & ~DR7_ZEROES) | DR7_ONES;
        return *val & DR7_ENABLED && io_breakpoints(*val) && !(v->cr4 & X86_CR4_DE) ? -XEN_EPERM
                                                                                    : 0;
    }
    return -XEN_ENODEV;
}

s64 debugreg_write(struct vcpu *v, unsigned int reg, u64 val)
{
    s64 rc;

    if (reg == 4 || reg == 5) {
        if (v->cr4 & X86_CR4_DE)
            return -XEN_ENODEV;
        reg += 2;
    }
    rc = check(v, reg, &val);
    if (rc)
        return rc;
    v->dr[reg] = val;
    load_one(reg, val);
    return 0;
}

void debugreg_init(struct vcpu *v, const u64 *dr)
{
    for (unsigned int i = 0; i < 8; i++) {
        u64 val = dr && i != 4 && i != 5 ? dr[i] : 0;

        v->dr[i] = check(v, i, &val) ? 0 : val;
    }
    v->dr[6] = DR6_ONES;
    v->dr[7] |= DR7_ONES;
}

s64 debugreg_read(struct vcpu *v, unsigned int reg, u64 *val)
{
    if (reg == 4 || reg == 5) {
        if (v->cr4 & X86_CR4_DE)
            return -XEN_ENODEV;
        reg += 2;
    }
    if (reg > 7)
        return -XEN_ENODEV;
    *val = v->dr[reg];
    return 0;
}

void debugreg_load(const struct vcpu *v)
{
    for (unsigned int i = 0; i < 8; i++)
        load_one(i, v->dr[i]);
}

void debugreg_hit(struct vcpu *v, u64 rflags)
{
    u64 now;

    __asm__ volatile("mov %%dr6, %0" : "=r"(now));
    now = debugreg_told(now, rflags);
    load_one(6, DR6_ONES);
    v->dr[6] =
        (v->dr[6] | (now & ~DR6_ONES)) & (now | ~DR6_ONES); /* some of the ones tell by a 0 */
}

s64 do_set_debugreg(u64 reg, u64 val, u64 a3, u64 a4, u64 a5)
{
    (void)a3, (void)a4, (void)a5;
    return reg > 7 ? -XEN_ENODEV : debugreg_write(current(), (unsigned int)reg, val);
}

/* The value is the result; an error looks like one because it is negative. */
s64 do_get_debugreg(u64 reg, u64 a2, u64 a3, u64 a4, u64 a5)
{
    u64 val;

    (void)a2, (void)a3, (void)a4, (void)a5;
    s64 rc = reg > 7 ? -XEN_ENODEV : debugreg_read(current(), (unsigned int)reg, &val);
    return rc ? rc : (s64)val;
}
