/* SPDX-License-Identifier: MIT
 * bootloader="pygrub" and its kin: kernel, initrd and command line as the guest's own disk has them
 * now. GRUB's own file system code reads the disk (grub-fstest); nothing is mounted.
 */
#ifndef SIDECAR_BOOTDISK_H
#define SIDECAR_BOOTDISK_H

#include "guest.h"

/* Where GRUB 2's configuration may lie; the script in a universal sidecar (pvgrub.c) looks there,
 * too. The last ones: btrfs, whose subvolumes GRUB shows as directories of the top level; by these
 * names the installers of Ubuntu, Debian and SUSE make one for the root. */
#define GRUB2_DIRS                                                                                 \
    "/boot/grub /grub /boot/grub2 /grub2 /@/boot/grub /@rootfs/boot/grub /@/boot/grub2"

/* Fill kernel, ramdisk and cmdline of *g from its first disk. What can't be read ends the process
 * with EXIT_GUEST and the remedy. */
void bootdisk_load(struct guest *g);

#endif
