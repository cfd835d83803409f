/* SPDX-License-Identifier: MIT
 * Finds the shim's image and makes sure that GRUB will take it.
 */
#ifndef SIDECAR_SHIMFILE_H
#define SIDECAR_SHIMFILE_H

#include "util.h"

/* Where `make install` puts the shim on a host. */
#define SHIM_INSTALLED "/usr/lib/xen/boot/xen-shim-sidecar"

/* If *path is NULL, set it to the installed image. Ends the process with EXIT_ENVIRONMENT if there
 * is no image or it has no Multiboot 2 header. Called once by main(). */
void shim_find(const char **path);

/* For --version: a line with the identity of the image, if there is one. */
void shim_print(const char *path);

#endif
