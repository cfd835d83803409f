/* SPDX-License-Identifier: MIT
 * The items of vif=[...], "KEY=VALUE,KEY=VALUE": read for all toolstacks, written for xl and xend.
 */
#ifndef SIDECAR_VIF_H
#define SIDECAR_VIF_H

#include "guest.h"

/* The guest's NICs, each a string; ends the process (EXIT_GUEST) if vif= has another form. NULL if
 * there is no vif=. */
const struct cfg_key *vif_key(const struct guest *g);

/* Write vif=, if there is any: PV only, without an emulated twin. */
void vif_write(struct buf *out, const struct guest *g);

#endif
