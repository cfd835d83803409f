/* SPDX-License-Identifier: MIT
 * Writes the HVM config that boots a guest from its sidecar.
 */
#ifndef SIDECAR_HVMCFG_H
#define SIDECAR_HVMCFG_H

#include "guest.h"

enum medium {
    MEDIUM_CD,       /* an IDE CD-ROM: every L0 has it */
    MEDIUM_AHCI,     /* a CD-ROM on an AHCI controller: far quicker where emulation is slow */
    MEDIUM_FIRMWARE, /* no drive: loaded in the place of hvmloader, see firmware.h */
};

/* libvirt and xl before Xen 4.5 can't leave out the VGA card, and libxl takes its memory from the
 * domain's. MiB. */
#define HVM_VIDEO_MIB 8

/* MiB to give the HVM domain above memory= and maxmem= of the guest, so that it gets what it had.
 */
long hvm_memory_more(const struct guest *g);

/* A place among the emulated IDE drives, 0 to 3, that no disk of the guest's is named after, hdc
 * first; -1 if there is none. An empty CD drive always has its twin there, and before Xen 4.7 so
 * has every disk. */
int hvm_ide_place(const struct guest *g);

/* The device model's arguments that attach the sidecar, up to a NULL. Malloc'ed, as are they. Where
 * the guest's disks leave no place for MEDIUM_CD, it is MEDIUM_AHCI. */
char **hvm_sidecar_args(const struct guest *g, const char *iso, enum medium medium);

/* Write comment lines, `# ...`: whose domain it is, and what it boots. */
void hvm_remark(struct buf *out, const struct guest *g);

/* Write the config for xl or xm. `iso` is the sidecar's path on the host. Ends the process if the
 * disks can't be arranged. */
void hvmcfg_write(struct buf *out, const struct guest *g, const char *iso, enum medium medium);

#endif
