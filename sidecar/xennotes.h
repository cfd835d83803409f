/* SPDX-License-Identifier: MIT
 * Says whether an ELF image is a kernel that the shim can run as a PV guest, by its ELF header
 * and its Xen notes. What is refused here would only be refused later, at boot, by the shim.
 */
#ifndef SIDECAR_XENNOTES_H
#define SIDECAR_XENNOTES_H

#include "util.h"

struct xen_kernel {
    bool narrow;       /* 32 bits, with PAE */
    char guest_os[32]; /* "linux", "netbsd", ...; "" if the image doesn't say */
    bool symbols;      /* it is given its symbol table: NetBSD, FreeBSD */
};

/* Check the ELF image at p. Returns NULL and fills *k if it can run, else a malloc'ed reason for
 * the user ("no Xen notes: ..."). Never reads outside [p, p+len). Called by kernel_load(). */
char *xen_kernel_check(const uint8_t *p, size_t len, struct xen_kernel *k);

#endif
