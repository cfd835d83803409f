/* SPDX-License-Identifier: MIT
 * What was made in an output directory: --list, --verify, --prune. Each returns the exit status.
 */
#ifndef SIDECAR_INVENTORY_H
#define SIDECAR_INVENTORY_H

#include "options.h"

int inventory_list(const struct options *opt);
int inventory_verify(const struct options *opt);
int inventory_prune(const struct options *opt);

#endif
