// SPDX-License-Identifier: MIT
/* See pci.h. */
#include "pci.h"

#include "regs.h"
#include "shim.h"

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA    0xcfc

/* Unplug protocol of the platform device: docs/misc/hvm-emulated-unplug in Xen's tree. */
#define UNPLUG_PORT    0x10
#define UNPLUG_VERSION 0x12
#define UNPLUG_MAGIC   0x49d2
#define UNPLUG_IDE     1
#define UNPLUG_NICS    2
#define UNPLUG_NVME    8
#define PRODUCT_OTHER  0xffff

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

void platform_unplug(void)
{
    if (inw(UNPLUG_PORT) != UNPLUG_MAGIC)
        return;
    if (inb(UNPLUG_VERSION) != 0) {
        outw(UNPLUG_VERSION, PRODUCT_OTHER);
        outl(UNPLUG_PORT, 1); /* build number: none of those a device model refuses */
        if (inw(UNPLUG_PORT) != UNPLUG_MAGIC)
            refuse("the host's device model refuses this shim (unplug protocol)");
    }
    outw(UNPLUG_PORT, UNPLUG_IDE | UNPLUG_NICS | UNPLUG_NVME);
}
