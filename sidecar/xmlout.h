/* SPDX-License-Identifier: MIT
 * Text in XML.
 */
#ifndef SIDECAR_XMLOUT_H
#define SIDECAR_XMLOUT_H

#include "util.h"

/* Write `before`, then s so that it may stand in an element or between single quotes, then `after`.
 * A control character in s ends the process. */
void xml_put(struct buf *out, const char *before, const char *s, const char *after);

#endif
