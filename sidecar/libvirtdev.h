/* SPDX-License-Identifier: MIT
 * The guest's disks and interfaces in libvirt's domain XML. Both end the process if one can't be
 * expressed.
 */
#ifndef SIDECAR_LIBVIRTDEV_H
#define SIDECAR_LIBVIRTDEV_H

#include "guest.h"

void libvirt_disk(struct buf *out, const struct guest *g, size_t i); /* g->disks[i] */
void libvirt_vifs(struct buf *out, const struct guest *g);

#endif
