/* SPDX-License-Identifier: MIT
 * The guest's command line, made of the config's keys as each toolstack makes it.
 */
#ifndef SIDECAR_CMDLINE_H
#define SIDECAR_CMDLINE_H

#include "guest.h"

/* xl: cmdline= alone, else "root=ROOT EXTRA". xend: "root=ROOT ip=... nfsroot=... EXTRA", see
 * docs/CONFIG.md. malloc'ed, never NULL. Ends the process (EXIT_GUEST) where xend would refuse. */
char *guest_cmdline(const struct cfg *cfg, enum toolstack toolstack);

#endif
