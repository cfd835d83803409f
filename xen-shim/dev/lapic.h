/* SPDX-License-Identifier: MIT */
/* Local APIC, by MSRs (x2APIC) or MMIO.  Accesses by MMIO are aligned 32-bit ones; L0 3.4 ends the
 * domain at any other. */
#ifndef SHIM_LAPIC_H
#define SHIM_LAPIC_H

#include "count.h"
#include "regs.h"
#include "shim.h"

#define LAPIC_TPR   0x080
#define LAPIC_EOI   0x0b0
#define LAPIC_SPIV  0x0f0
#define LAPIC_IRR   0x200
#define LAPIC_ICR   0x300
#define LAPIC_ICR2  0x310
#define LAPIC_LVTT  0x320
#define LAPIC_LVT0  0x350
#define LAPIC_LVT1  0x360
#define LAPIC_TMICT 0x380
#define LAPIC_TDCR  0x3e0

#define LVT_MASKED  (1u << 16)
#define ICR_ASSERT  (1u << 14)
#define ICR_INIT    (5u << 8)
#define ICR_STARTUP (6u << 8)

#define LAPIC_BASE 0xfee00000UL

/* One count of the timer at divisor 1, on every version of L0. */
#define LAPIC_NS_PER_COUNT 10
/* For LAPIC_TMICT, the latest that it can be: no time at all (0) L0 3.4 takes for now. */
#define LAPIC_FAR 0xffffffffu

/* Where L0 has it, registers are MSRs: an access by MMIO is an instruction that L0 fetches and
 * decodes. */
extern bool lapic_by_msr;

#define MSR_X2APIC(reg) (0x800 + ((reg) >> 4))

static inline u32 lapic_read(u32 reg)
{
    COUNT(lapic);
    if (lapic_by_msr)
        return (u32)rdmsr(MSR_X2APIC(reg));
    return *(volatile u32 *)(DIRECT_MAP + LAPIC_BASE + reg);
}

static inline void lapic_write(u32 reg, u32 v)
{
    COUNT(lapic);
    if (lapic_by_msr)
        wrmsr(MSR_X2APIC(reg), v);
    else
        *(volatile u32 *)(DIRECT_MAP + LAPIC_BASE + reg) = v;
}

static inline void lapic_eoi(void)
{
    lapic_write(LAPIC_EOI, 0);
}

static inline void lapic_send(u32 apic_id, u32 icr)
{
    if (lapic_by_msr) {
        COUNT(lapic);
        wrmsr(MSR_X2APIC(LAPIC_ICR), (u64)apic_id << 32 | icr);
        return;
    }
    lapic_write(LAPIC_ICR2, apic_id << 24);
    lapic_write(LAPIC_ICR, icr);
}

/* main.c, once, when L0 and its model are known: by MSRs or not, on all CPUs. */
void lapic_choose(u32 hvm_flags); /* l0_hvm_flags() */
/* On each CPU: enabled, nothing but our own vectors. */
void lapic_init(void);

#endif
