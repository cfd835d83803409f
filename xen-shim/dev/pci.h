/* SPDX-License-Identifier: MIT */
/* PCI configuration space, bus 0, function 0, as far as finding two devices needs it. */
#ifndef SHIM_PCI_H
#define SHIM_PCI_H

#include "types.h"

#define PCI_COMMAND        0x04
#define PCI_COMMAND_MEMORY 2u

u32 pci_read(u32 dev, u32 reg);

/* Device number; -1 when there is none.  `class` with subclass and interface. */
int pci_find(u16 vendor, u16 device);
int pci_find_class(u32 class);

/* GSI of device dev's INTA on bus 0: how Xen's interrupt router wires it, on every version. */
static inline u32 pci_intx_gsi(u32 dev)
{
    return 16 + ((4 * dev + dev / 8) & 31);
}

#endif
