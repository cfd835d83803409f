/* SPDX-License-Identifier: MIT */
/* The virtual IO-APIC: 48 pins at 0xfec00000 on every L0 with one. */
#ifndef SHIM_IOAPIC_H
#define SHIM_IOAPIC_H

#include "types.h"

/* Masks all pins, each with vector 0: L0 3.4 takes the first RTE with an EOId vector for the one
 * that interrupted, masked or not. */
void ioapic_mask_all(void);
bool ioapic_present(void);
/* Level-triggered, fixed, to one LAPIC, unmasked. */
void ioapic_route_level(u32 pin, u8 vector, u32 apic_id);
/* The same, edge-triggered: what ISA lines are. */
void ioapic_route_edge(u32 pin, u8 vector, u32 apic_id);
/* Closes a pin for good. */
void ioapic_mask(u32 pin);

#endif
