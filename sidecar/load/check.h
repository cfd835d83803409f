/* SPDX-License-Identifier: MIT
 * What can be said of an image as a whole, once it is indexed, and before a page of it is written.
 */
#ifndef LOAD_CHECK_H
#define LOAD_CHECK_H

#include "image.h"

/* After image_read.  Everything that a later step leans on: what must be there, contexts,
 * start_info, frames of the p2m list, page tables.  Sets the rest of *img.  false: see `why`. */
bool image_check(struct image *img);

/* What a vCPU's records say beyond the context; for the directory too. */
struct xsave_head {
    uint64_t xcr0, accum;
};
bool xsave_head(struct image *img, const struct saved_vcpu *v, struct xsave_head *h);

#endif
