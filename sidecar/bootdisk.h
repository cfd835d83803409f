/* SPDX-License-Identifier: MIT
 * bootloader="pygrub" and its kin: kernel, initrd and command line as the guest's own disk has them
 * now. GRUB's own file system code reads the disk (grub-fstest); nothing is mounted.
 */
#ifndef SIDECAR_BOOTDISK_H
#define SIDECAR_BOOTDISK_H

#include "guest.h"

/* Fill kernel, ramdisk and cmdline of *g from its first disk. What can't be read ends the process
 * with EXIT_GUEST and the remedy. */
void bootdisk_load(struct guest *g);

#endif
