// SPDX-License-Identifier: MIT
/* See ioapic.h. */
#include "ioapic.h"

#include "shim.h"

#define IOAPIC_BASE 0xfec00000UL
#define RTE_MASKED  (1u << 16)
#define RTE_LEVEL   (1u << 15)

static void write_reg(u32 reg, u32 v)
{
    volatile u32 *io = va(IOAPIC_BASE);

    io[0] = reg;
    io[4] = v;
}

static u32 read_reg(u32 reg)
{
    volatile u32 *io = va(IOAPIC_BASE);

    io[0] = reg;
    return io[4];
}

bool ioapic_present(void)
{
    return read_reg(1) != ~0u; /* where there is nothing reads are all ones */
}

void ioapic_mask_all(void)
{
    u32 pins = (read_reg(1) >> 16 & 0xff) + 1;

    if (!ioapic_present())
        return;
    for (u32 pin = 0; pin < pins; pin++)
        ioapic_mask(pin);
}

void ioapic_mask(u32 pin)
{
    write_reg(0x10 + 2 * pin, RTE_MASKED);
    write_reg(0x11 + 2 * pin, 0);
}

void ioapic_route_edge(u32 pin, u8 vector, u32 apic_id)
{
    write_reg(0x11 + 2 * pin, apic_id << 24);
    write_reg(0x10 + 2 * pin, vector);
}

void ioapic_route_level(u32 pin, u8 vector, u32 apic_id)
{
    write_reg(0x11 + 2 * pin, apic_id << 24);
    write_reg(0x10 + 2 * pin, RTE_LEVEL | vector);
}
