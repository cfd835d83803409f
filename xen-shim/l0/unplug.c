// SPDX-License-Identifier: MIT
/* See unplug.h. */
#include "unplug.h"

#include "regs.h"
#include "shim.h"

/* Unplug protocol of the platform device: docs/misc/hvm-emulated-unplug in Xen's tree. */
#define UNPLUG_PORT    0x10
#define UNPLUG_VERSION 0x12
#define UNPLUG_MAGIC   0x49d2
#define UNPLUG_IDE     1
#define UNPLUG_NICS    2
#define UNPLUG_NVME    8
#define PRODUCT_OTHER  0xffff

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
