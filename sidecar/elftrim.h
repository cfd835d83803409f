/* SPDX-License-Identifier: MIT
 * Makes a kernel's ELF image shorter without changing what is loaded of it.
 */
#ifndef SIDECAR_ELFTRIM_H
#define SIDECAR_ELFTRIM_H

#include "util.h"

/* Leaves of the image what the shim needs: the segments one behind the other, without the zeros at
 * their ends (the loader puts zeros up to p_memsz), sections and symbols. A Linux kernel has its
 * whole .bss in the file, 25 of 66 MB. It stays as it is where the result isn't known to be the
 * same kernel: not ELF64, its Xen notes are in sections only, or it is to have its symbols. Called
 * by convert_plan() and sidecar_make(). */
void elf_trim(struct buf *elf);

#endif
