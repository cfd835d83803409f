/* SPDX-License-Identifier: MIT
 * --unpack: a guest kernel's ELF image as a file of its own, for toolstacks that start the shim
 * themselves (pvshim=1) and then unpack nothing.
 */
#ifndef SIDECAR_KERNELOUT_H
#define SIDECAR_KERNELOUT_H

/* Read `kernel` in any container, check it as for a sidecar, write the ELF image to `file`, whole
 * or not at all. Ends the process on errors: EXIT_GUEST for a kernel that won't do. Called by
 * main(). */
void kernel_out(const char *kernel, const char *file);

#endif
