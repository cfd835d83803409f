/* SPDX-License-Identifier: MIT
 * The second pass: what the guest's memory holds goes into the frames that its pages have got.
 */
#ifndef LOAD_FILL_H
#define LOAD_FILL_H

#include "domain.h"
#include "image.h"

/* Writes all populated pages but those in L0's ring frames (store_gfn, console_gfn; 0: none), then
 * the p2m list.  false: see img->why; what was written may be written again. */
bool fill_pages(struct image *img, struct domain *d, uint64_t store_gfn, uint64_t console_gfn);
/* Writes n bytes at p to frames in a row. */
bool fill_run(struct image *img, struct domain *d, uint64_t gfn, const void *p, uint64_t n);

#endif
