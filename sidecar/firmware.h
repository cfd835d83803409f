/* SPDX-License-Identifier: MIT
 * A sidecar that takes the place of a domain's firmware: one ELF32 file of shim, guest kernel and
 * initrd, which the toolstack loads as it would load hvmloader. No BIOS, no GRUB, no drive.
 * What libxc asks of such a file: ELF32 for i386, its segments page-aligned from 1 MiB on and
 * writable or executable, no note of Xen's; or that file in one gzip member (libelf-loader.c,
 * xc_dom_hvmloader.c; before Xen 4.6 xc_hvm_build.c).
 */
#ifndef SIDECAR_FIRMWARE_H
#define SIDECAR_FIRMWARE_H

#include "output.h"

struct firmware {
    const char *shim;                   /* path of the shim's image */
    const char *shim_cmdline, *cmdline; /* its command line, and the guest's: any bytes */
    struct buf kernel, ramdisk;         /* ELF image; ramdisk.data is NULL if there is none */
    bool gzip;
};

/* End the process with EXIT_ENVIRONMENT if the shim at `path` can't be started so. */
void firmware_check_shim(const char *path);

/* MiB of the domain that the file takes before the guest starts, from 0 on: the toolstack loads it
 * as it is. Bytes of the kernel's image and the ramdisk. */
long firmware_mib(size_t kernel, size_t ramdisk);

/* Word of the line in KEY.txt that has that number. */
#define FIRMWARE_MIB "mib"

/* End the process with EXIT_GUEST if the toolstack won't load so much for guest `name` with
 * `memory` MiB; it would say "segment kernel too large" and no more. */
void firmware_check_size(const char *name, long mib, long memory);

/* Make `out`, a file name in the work directory. Its bytes depend on *f and nothing else. */
void firmware_make(const struct output *o, const char *out, const struct firmware *f);

#endif
