/* SPDX-License-Identifier: MIT
 * Makes a kernel's ELF image shorter without changing what is loaded of it.
 */
#ifndef SIDECAR_ELFTRIM_H
#define SIDECAR_ELFTRIM_H

#include "util.h"

/* The image *in as the shim needs it: the segments one behind the other, without the zeros at their
 * ends (the loader puts zeros up to p_memsz), sections and symbols. A Linux kernel has its whole
 * .bss in the file, 25 of 66 MB. *out is *in itself, not a copy, where that isn't known to be the
 * same kernel: not ELF64, or its Xen notes are in sections only. Called by
 * convert_plan() and sidecar_make(). */
void elf_trim(const struct buf *in, struct buf *out);

#endif
