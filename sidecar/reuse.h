/* SPDX-License-Identifier: MIT
 * What the store's other sidecars save a new one: a kernel that one of them has needn't be
 * unpacked, checked and packed again, nor an initrd checked. So guests that differ by their command
 * lines only, as those of a fleet do, cost a fifth of the first.
 */
#ifndef SIDECAR_REUSE_H
#define SIDECAR_REUSE_H

#include "store.h"

/* Word of the line in KEY.txt that has the hash of /boot/vmlinux as it is in the ISO. */
#define REUSE_VMLINUX "vmlinux"

/* A sidecar with this kernel file in this packing ("gz"). False if there is none. */
bool reuse_find(const struct store *s, const struct hash *kernel, const char *packing,
                struct hash *donor);

/* Whether an initrd has been checked for another sidecar. */
bool reuse_initrd(const struct store *s, const struct hash *initrd);

/* Take the packed kernel out of a donor as `file` of the work directory. False if it isn't what its
 * KEY.txt says, or can't be read. */
bool reuse_kernel(const struct store *s, const struct hash *donor, const struct output *o,
                  const char *file);

#endif
