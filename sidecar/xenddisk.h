/* SPDX-License-Identifier: MIT
 * Disks for xend: its own form of a specification, TYPE:PATH,VDEV,MODE[,BACKEND[,PROTOCOL]], read
 * and written. The rules are those of xend 3.4 to 4.1: docs/CONFIG.md, "What xend reads".
 */
#ifndef SIDECAR_XENDDISK_H
#define SIDECAR_XENDDISK_H

#include "guest.h"

/* Fill *d from a specification in xend's form, with d->hvm_spec the same. False if it isn't in that
 * form; *why is then a malloc'ed reason if nothing but xend's form can be meant, else NULL. */
bool xend_disk(const char *spec, struct guest_disk *d, char **why);

/* Write the disk that xl's reader has put in *d in xend's form, to d->hvm_spec. Returns NULL, or a
 * malloc'ed reason why xend has no form for it. */
char *xend_compose(struct guest_disk *d);

#endif
