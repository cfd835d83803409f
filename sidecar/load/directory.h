/* SPDX-License-Identifier: MIT
 * The struct handover_guest and all that it points to, in one piece.
 */
#ifndef LOAD_DIRECTORY_H
#define LOAD_DIRECTORY_H

#include "image.h"

/* Its length in bytes; of an image that was checked. */
uint64_t directory_bytes(const struct image *img);
/* The frames that it takes. */
static inline uint64_t directory_pages(const struct image *img)
{
    return (directory_bytes(img) + PAGE - 1) / PAGE;
}
/* Makes it, once frames are given out: directory_bytes, zero at first, at p, which is aligned to 8.
 * false: see img->why. */
bool directory_make(struct image *img, void *p);

#endif
