/* SPDX-License-Identifier: MIT
 * The talk with the waiting shim by struct handover.
 */
#ifndef LOAD_HANDOFF_H
#define LOAD_HANDOFF_H

#include "domain.h"
#include "image.h"

struct handoff {
    uint64_t fill_ms, wait_ms; /* of its two long parts */
};

/* Hands a checked image to the shim of domain d, whose struct handover is in frame gfn; waits up to
 * `timeout` seconds for its answer.  true: the guest runs.  false: see img->why; before the shim
 * was told to go nothing has changed there, and it may be tried again. */
bool handoff(struct image *img, struct domain *d, uint64_t gfn, unsigned int timeout,
             struct handoff *times);

/* Could that shim take a guest of this width that has seen such a CPU?  Of the image only `width`
 * and `seen` are looked at: it is asked before there is one.  false: see img->why. */
bool handoff_fits(struct image *img, struct domain *d, uint64_t gfn);

#endif
