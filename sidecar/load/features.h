/* SPDX-License-Identifier: MIT
 * Features of the CPU that the guest has seen, as far as the file says it: Xen saves them
 * since 4.14.
 */
#ifndef LOAD_FEATURES_H
#define LOAD_FEATURES_H

#include "image.h"

/* Reads the leaves that were saved: img->seen. */
bool features_read(struct image *img);
/* Has the domain, in the words of HANDOVER_FEATURES, all that the guest or its programs may be
 * built on?  false: see `why`. */
bool features_check(struct image *img, const uint32_t *has);

#endif
