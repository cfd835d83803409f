/* SPDX-License-Identifier: MIT
 * Writes the HVM config for xend (xm), a Python program of assignments.
 */
#ifndef SIDECAR_XENDCFG_H
#define SIDECAR_XENDCFG_H

#include "hvmcfg.h"

/* `iso` is the sidecar's path on the host. Ends the process if the disks can't be arranged. Called
 * by hvmcfg_write(). */
void xendcfg_write(struct buf *out, const struct guest *g, const char *iso, enum medium medium);

#endif
