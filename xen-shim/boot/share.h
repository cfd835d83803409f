/* SPDX-License-Identifier: MIT */
/*
 * What of the domain's memory is the guest's: as many pages as the PV domain of the same config
 * has.  The builder (sidecar/hvmmem.c) makes the HVM domain larger by what the
 * shim and the firmware may need at most; what they don't need goes back to L0.  This is the
 * builder's formula the other way round.
 */
#ifndef SHIM_SHARE_H
#define SHIM_SHARE_H

#include "bootinfo.h"

/* MiB that the domain has for RAM, from the loader's map: whole ones, below and above 4 GiB. */
u64 share_domain_mib(const struct boot_info *info);

struct share {
    u64 pages; /* at start; 0 = all there is */
    u64 max;   /* what the guest may balloon up to; 0 = as at start */
};
/* `total` as above; `now` = MiB that the domain has at present where that is less (pod.h), else 0.
 */
struct share share_of_guest(u64 total, u64 now);

#endif
