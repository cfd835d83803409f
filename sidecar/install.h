/* SPDX-License-Identifier: MIT
 * The last step of a conversion: the outputs get their names.
 */
#ifndef SIDECAR_INSTALL_H
#define SIDECAR_INSTALL_H

#include "convert.h"

/* Put the sidecar and the HVM config in their places. Returns "same" if they stand there already,
 * else "linked". */
const char *plan_install(struct plan *p);

/* `diff -u` on stdout of the config `old` (or nothing) and the new one. Whether they differ. */
bool plan_diff(const char *old, const struct buf *new);

#endif
