/* SPDX-License-Identifier: MIT
 * A disk's name in the guest, as a toolstack's config has it: xvda1, sdb, hdc, d2p0 (libxl), or the
 * number that stands for one of these. Xen's xen-vbd-interface(7) has the numbers.
 */
#ifndef SIDECAR_VDEV_H
#define SIDECAR_VDEV_H

#include "util.h"

struct vdev {
    const char *kind;    /* "xvd", "sd", "hd" */
    unsigned disk, part; /* from 0; part 0 is the whole disk */
};

/* False if `s`, `len` bytes long, names no disk. */
bool vdev_parse(const char *s, size_t len, struct vdev *v);

/* Its name in letters; malloc'ed. */
char *vdev_name(const struct vdev *v);

#endif
