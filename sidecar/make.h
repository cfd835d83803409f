/* SPDX-License-Identifier: MIT
 * Makes the ISO of a plan in the store.
 */
#ifndef SIDECAR_MAKE_H
#define SIDECAR_MAKE_H

#include "convert.h"

/* Make the sidecar that p->recipe names, unless another process has made it meanwhile. Ends the
 * process if it can't be made, or (EXIT_BUSY) if another one is at it and we don't wait. */
void sidecar_make(struct plan *p, const struct options *opt);

#endif
