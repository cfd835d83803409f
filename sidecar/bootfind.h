/* SPDX-License-Identifier: MIT
 * Which boot menu of a guest's disk counts, where there are several.
 */
#ifndef SIDECAR_BOOTFIND_H
#define SIDECAR_BOOTFIND_H

#include "grubdisk.h"

/* Find the menu that the config's pygrub would read, and read it; *at is its place on the disk.
 * False if there is none. Warns where another version of pygrub would boot something else. */
bool bootfind(const struct grub_disk *disk, const struct guest *g, struct boot_menu *m, size_t *at);

#endif
