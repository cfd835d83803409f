// SPDX-License-Identifier: MIT
/* See pci.h. */
#include "pci.h"

#include "regs.h"

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA    0xcfc

static inline u32 inl(u16 port)
{
    u32 v;
    __asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}

u32 pci_read(u32 dev, u32 reg)
{
    outl(CONFIG_ADDRESS, 1u << 31 | dev << 11 | (reg & 0xfc));
    return inl(CONFIG_DATA);
}

int pci_find(u16 vendor, u16 device)
{
    for (u32 dev = 0; dev < 32; dev++)
        if (pci_read(dev, 0) == ((u32)device << 16 | vendor))
            return (int)dev;
    return -1;
}

int pci_find_class(u32 class)
{
    for (u32 dev = 0; dev < 32; dev++)
        if (pci_read(dev, 8) >> 8 == class)
            return (int)dev;
    return -1;
}
