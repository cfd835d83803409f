/* SPDX-License-Identifier: MIT
 * Makes a BIOS-bootable ISO with GRUB's i386-pc parts and xorriso, the same tools in the same way
 * as grub-mkrescue, without what a sidecar doesn't need.
 */
#ifndef SIDECAR_ISO_H
#define SIDECAR_ISO_H

#include "output.h"

/* In the order of options.c's words. */
enum packing { PACK_DEFAULT = -1, PACK_NONE, PACK_GZ, PACK_XZ, PACK_LZO };

/* "none", "gz", "xz", "lzo": in recipes and options. */
const char *iso_packing(enum packing packing);

struct iso_file {
    const char *name; /* path in the ISO, "boot/vmlinux" */
    const char *path; /* on the host */
};

/* End the process with EXIT_ENVIRONMENT and the remedy if a tool or a GRUB module is missing. */
void iso_check_tools(void);

/* The part of it that a PV GRUB alone needs. */
void iso_check_mkimage(void);

/* What iso_check_tools() has found: the name of grub-mkimage, the directory of GRUB's parts, and
 * the path of xorriso. */
const char *iso_mkimage(void);
const char *iso_grub_dir(void);
const char *iso_xorriso(void);

/* Make `out` (a file name in the work directory) of the files given. The bytes depend on the files,
 * the versions of GRUB and xorriso and SOURCE_DATE_EPOCH, and on nothing else. */
void iso_make(const struct output *o, const char *out, const struct iso_file *files, size_t n);

#endif
