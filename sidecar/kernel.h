/* SPDX-License-Identifier: MIT
 * Reads a guest kernel in any container that Xen's toolstack accepts and hands out the ELF image.
 */
#ifndef SIDECAR_KERNEL_H
#define SIDECAR_KERNEL_H

#include "unpack.h"
#include "xennotes.h"

struct kernel {
    struct buf elf;      /* the uncompressed ELF image */
    const char *packing; /* compression of the file, or of a bzImage's payload; NULL: none */
    struct xen_kernel xen;
};

/* Unpack the image in `file` (the bytes of a kernel file) and check that the shim can run it.
 * Returns NULL, or a malloc'ed reason. Called by guest_load() and the fuzzer. */
char *kernel_load(const struct buf *file, struct kernel *k);

#endif
