// SPDX-License-Identifier: MIT
/* See ahci.h.  Registers: Serial ATA AHCI 1.3.1, sections 2.1 and 3. */
#include "ahci.h"

#include "layout.h"
#include "pci.h"
#include "types.h"

#define PCI_CLASS_AHCI 0x010601
#define PCI_ABAR       0x24

#define HBA_PI       0x0c /* bit for each port that is there */
#define PORT(n)      (0x100 + 0x80 * (n))
#define PORT_CMD     0x18
#define PORT_CMD_ST  (1u << 0)
#define PORT_CMD_FRE (1u << 4)
#define PORT_CMD_FR  (1u << 14)
#define PORT_CMD_CR  (1u << 15)

/* Clears a bit and waits for the engine that it starts; not for ever. */
static void stop(volatile u32 *cmd, u32 bit, u32 running)
{
    *cmd &= ~bit;
    for (unsigned int i = 0; i < 1000 && *cmd & running; i++)
        ;
}

void ahci_stop(void)
{
    int dev = pci_find_class(PCI_CLASS_AHCI);
    u64 abar = dev < 0 ? 0 : pci_read((u32)dev, PCI_ABAR) & ~0xfffu;

    if (!abar || !(pci_read((u32)dev, PCI_COMMAND) & PCI_COMMAND_MEMORY))
        return;
    u32 ports = *(volatile u32 *)(DIRECT_MAP + abar + HBA_PI);
    for (u32 n = 0; n < 32; n++)
        if (ports >> n & 1) {
            volatile u32 *cmd = (volatile u32 *)(DIRECT_MAP + abar + PORT(n) + PORT_CMD);

            stop(cmd, PORT_CMD_ST, PORT_CMD_CR);
            stop(cmd, PORT_CMD_FRE, PORT_CMD_FR);
        }
}
