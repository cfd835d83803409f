/* SPDX-License-Identifier: MIT
 * Reads the part of xm's configs that can be read without Python: assignments of strings, numbers,
 * lists, and what `+` joins of these. xm's configs are programs; nothing of them is ever run.
 */
#ifndef SIDECAR_XMCFG_H
#define SIDECAR_XMCFG_H

#include "xlcfg.h"

/* Fill *cfg (its path is set) from `text`, which has no NUL in it. Returns NULL, or a malloc'ed
 * line "path:line: ..." that says what can't be read. Called by cfg_parse() after libxlutil has
 * given up. */
char *xm_parse(const struct buf *text, struct cfg *cfg);

#endif
