/* SPDX-License-Identifier: MIT
 * A config's bytes, and a first look at them that never ends the process.
 */
#ifndef SIDECAR_CFGFILE_H
#define SIDECAR_CFGFILE_H

#include "util.h"

#define CFG_MAX_BYTES ((size_t)1 << 20)

/* Read `path` in *b (which must be empty). Returns NULL, or a malloc'ed reason: what isn't a
 * regular file isn't even waited for, what is larger than any config isn't read. */
char *cfgfile_read(const char *path, struct buf *b);

struct cfg_look {
    char *name;  /* as the text says, malloc'ed, or NULL */
    bool pv;     /* false if it says that it's no PV guest */
    bool domain; /* it sets what a domain's config sets, and not just a CPU pool's name */
};

/* What it is, by xl's reader or xm's; and what neither can read, by its lines that assign. */
struct cfg_look cfgfile_look(const char *path, const struct buf *text);

#endif
