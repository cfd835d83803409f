/* SPDX-License-Identifier: MIT
 * What bootloader= names, and what it is told: pygrub and domUloader are followed, PV GRUBs run in
 * the sidecar, and of any other program nobody knows what it would boot.
 */
#ifndef SIDECAR_LOADER_H
#define SIDECAR_LOADER_H

#include "guest.h"

enum loader { LOADER_NONE, LOADER_PYGRUB, LOADER_DOMULOADER, LOADER_PVGRUB };

struct pv_grub {
    enum {
        PV_GRUB_NOT,    /* another file */
        PV_GRUB_LEGACY, /* GRUB 0.97, Xen's own stub domain: reads menu.lst */
        PV_GRUB_2,      /* GRUB 2: reads grub.cfg */
        PV_GRUB_PVH,
    } kind;
    bool narrow; /* for 32-bit guests */
};

/* What the name of a kernel= or bootloader= file says. */
struct pv_grub pv_grub_named(const char *path);

/* The loader of the guest's config. One that isn't known, or starts no PV guest, ends the
 * process (EXIT_GUEST) with the remedy. A PV GRUB in kernel= counts. *grub (may be NULL): which PV
 * GRUB. */
enum loader loader_of(const struct guest *g, struct pv_grub *grub);

/* What the loader is told; each may be NULL. */
struct loader_args {
    const struct cfg_key *key;            /* where; NULL if it is told nothing */
    const char *entry, *kernel, *ramdisk; /* kernel and ramdisk: paths on the guest's disk */
};

/* Of bootloader_args= (xl), bootargs= (xm) and bootentry= (SUSE's xm). Words that aren't known, and
 * keys that disagree, end the process. */
struct loader_args loader_args(const struct guest *g);

#endif
