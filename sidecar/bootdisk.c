// SPDX-License-Identifier: MIT
#include "bootdisk.h"

void bootdisk_load(struct guest *g)
{
    cfg_die(&g->cfg, cfg_find(&g->cfg, "bootloader"),
            "kernels inside the guest's disk aren't supported yet; use --universal, or copy kernel "
            "and initrd to the host and name them by kernel= and ramdisk=");
}
