/* SPDX-License-Identifier: MIT
 * Which frame of the waiting domain each of the guest's pages gets.
 */
#ifndef LOAD_FRAMES_H
#define LOAD_FRAMES_H

#include "../../xen-shim/boot/handover.h"
#include "image.h"

/* Frames that are needed of `run`, those of the directory's `pages` with them. */
uint64_t frames_needed(const struct image *img, const struct handover *h, uint64_t pages);

/* Gives a frame to each populated page, the lowest first, and leaves `pages` in a row for the
 * directory: *directory is the first.  The rings' pages get L0's.  false: see img->why. */
bool frames_assign(struct image *img, const struct handover *h, uint64_t pages,
                   uint64_t *directory);

#endif
