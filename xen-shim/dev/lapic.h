/* SPDX-License-Identifier: MIT */
/* Local APIC by MMIO.  xAPIC mode only: x2APIC is absent or buggy on old L0s.  Accesses are
 * aligned 32-bit ones; L0 3.4 ends the domain at any other. */
#ifndef SHIM_LAPIC_H
#define SHIM_LAPIC_H

#include "count.h"
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

static inline u32 lapic_read(u32 reg)
{
    COUNT(lapic);
    return *(volatile u32 *)(DIRECT_MAP + LAPIC_BASE + reg);
}

static inline void lapic_write(u32 reg, u32 v)
{
    COUNT(lapic);
    *(volatile u32 *)(DIRECT_MAP + LAPIC_BASE + reg) = v;
}

static inline void lapic_eoi(void)
{
    lapic_write(LAPIC_EOI, 0);
}

static inline void lapic_send(u32 apic_id, u32 icr)
{
    lapic_write(LAPIC_ICR2, apic_id << 24);
    lapic_write(LAPIC_ICR, icr);
}

/* On each CPU: enabled, nothing but our own vectors. */
static inline void lapic_init(void)
{
    lapic_write(LAPIC_SPIV, 0x100 | VECTOR_SPURIOUS);
    lapic_write(LAPIC_TPR, 0);
    lapic_write(LAPIC_LVT0, LVT_MASKED);
    lapic_write(LAPIC_LVT1, LVT_MASKED);
    lapic_write(LAPIC_LVTT, VECTOR_TIMER); /* one-shot */
    lapic_write(LAPIC_TDCR, 0xb);          /* divide by 1 */
}

#endif
