/* SPDX-License-Identifier: MIT
 * A guest's disk, read by GRUB's own file system code (grub-fstest); nothing is mounted.
 */
#ifndef SIDECAR_GRUBDISK_H
#define SIDECAR_GRUBDISK_H

#include "bootmenu.h"
#include "guest.h"

#define GRUBDISK_PLACES 64
/* The guest's owner made the disk; the host has memory for other things, too. */
#define MAX_MENU ((size_t)1 << 20) /* bytes of a menu's texts, each */

struct grub_disk {
    const struct cfg_key *key; /* for refusals: bootloader= */
    char *image;               /* absolute path of the file or device */
    /* Where GRUB sees a file system on it, as GRUB calls it: "loop0", "loop0,msdos1",
     * "lvm/vg-root". */
    char *places[GRUBDISK_PLACES];
    size_t n;
};

/* Find the i-th disk of the guest and its file systems; what can't be read ends the process with
 * EXIT_GUEST and the remedy. */
void grubdisk_open(struct grub_disk *d, const struct guest *g, size_t i);

/* Read a file. False if it isn't there, or has more than `max` bytes. */
bool grubdisk_read(const struct grub_disk *d, const char *place, const char *path, size_t max,
                   struct buf *out);

/* The first of `names`, up to a NULL, that `dir` has; NULL if it has none. One look for several
 * names costs less than as many reads. */
const char *grubdisk_first(const struct grub_disk *d, const char *place, const char *dir,
                           const char *const *names);

/* The files of `dir` that may be entries of the boot menu, in GRUB's order, up to one without a
 * name. */
struct bls_file *grubdisk_entries(const struct grub_disk *d, const char *place, const char *dir);

#endif
