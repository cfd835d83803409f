/* SPDX-License-Identifier: MIT
 * One guest from its config to a sidecar and an HVM config on the disk.
 */
#ifndef SIDECAR_CONVERT_H
#define SIDECAR_CONVERT_H

#include "guest.h"
#include "options.h"
#include "store.h"

/* What the table of a fleet shows; written as soon as it's known, so that it holds for guests that
 * fail too. */
struct report {
    char guest[64], boot[12], result[16], iso[256];
};

/* All that was decided before anything is written. */
struct plan {
    struct guest guest;
    struct store store;
    struct recipe recipe;
    struct hash donor; /* a sidecar of the store with the same kernel: reuse.h */
    bool has_donor;
    struct buf hvm; /* the HVM config */
    struct buf old; /* the one that stands in its place, or empty */
    char *dir;      /* output directory, absolute */
    char *iso_name, *cfg_name;
};

/* Read the config and all that it names, and check it. Writes nothing to the outputs; with `write`
 * the store is there afterwards. */
void convert_plan(const char *path, const struct options *opt, bool write, struct plan *p,
                  struct report *rep);

/* Convert one guest, as the options say. Ends the process if it can't be. */
void convert(const char *path, const struct options *opt, struct report *rep);

#endif
