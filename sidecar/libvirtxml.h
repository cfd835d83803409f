/* SPDX-License-Identifier: MIT
 * Writes the HVM domain as libvirt's domain XML (libxl driver).
 */
#ifndef SIDECAR_LIBVIRTXML_H
#define SIDECAR_LIBVIRTXML_H

#include "guest.h"
#include "hvmcfg.h"

/* Write the domain for `virsh define`, up to and with </domain>. What libvirt has no place for is
 * left out with a warning; a disk or interface that can't be expressed ends the process. */
void libvirtxml_write(struct buf *out, const struct guest *g, const char *iso, enum medium medium);

/* Write lines that are none of libvirt's business as a processing instruction, which may stand
 * before and behind the domain. "?>" ends one, so it becomes "? >" in them. */
void libvirtxml_remark(struct buf *out, const struct buf *lines);

#endif
