/* SPDX-License-Identifier: MIT
 * The new config of a guest, as the plan holds it: the domain for its toolstack, and our marks.
 */
#ifndef SIDECAR_NEWCFG_H
#define SIDECAR_NEWCFG_H

#include "convert.h"

/* "files", "disk" or "universal". */
const char *boot_word(enum boot_kind boot);

/* p->hvm becomes the domain with the sidecar at `iso`. */
void newcfg_write(struct plan *p, const char *iso, const struct options *opt);

/* Adds what --list and --verify need to know; `path` is the config that was read. */
void newcfg_mark(struct plan *p, const char *path, const struct options *opt);

/* Warns where the config that it replaces was made with other options: whoever makes a sidecar
 * again means the same one, but for what has changed in the guest. */
void newcfg_check_options(const struct plan *p);

#endif
