/* SPDX-License-Identifier: MIT
 * The readers: what a toolstack lays around the image, and libxc's own formats.
 */
#ifndef LOAD_FORMATS_H
#define LOAD_FORMATS_H

#include "image.h"

enum format {
    FORMAT_LIBXL, /* libxl's records, one of them libxc's image */
    FORMAT_XENF,  /* libxc's, version 2 and 3 */
    FORMAT_OLD,   /* libxc's before, which has no mark */
};

/* Goes past what xl, xend or libvirt wrote in front; sets img->wrapper. */
bool wrapper_read(struct image *img, uint64_t *at, enum format *format);
/* libxl's records to their end, with the image in them. */
bool libxl_read(struct image *img, uint64_t at);
/* The image, to its end mark. */
bool stream2_read(struct image *img, uint64_t *at);
/* The older one, to the shared_info page, its last. */
bool stream1_read(struct image *img, uint64_t *at);

#endif
