/* SPDX-License-Identifier: MIT
 * Reads an xl domain config with Xen's own parser (libxlutil) into a list of keys in file order.
 * Nothing in a config is ever executed. Doesn't know what keys mean; see cfgkeys.h and guest.h.
 */
#ifndef SIDECAR_XLCFG_H
#define SIDECAR_XLCFG_H

#include "util.h"

#define CFG_MAX_KEYS 4096

struct cfg_value {
    char *str; /* NULL for a list */
    struct cfg_value *items;
    size_t n; /* number of items of a list */
};

struct cfg_key {
    char *name;
    unsigned line; /* of the assignment that counts: the last one */
    struct cfg_value value;
};

struct cfg {
    char *path; /* as the user named it, for messages */
    struct cfg_key *keys;
    size_t n;
};

/* Parse the config `text`, called `path` in messages. A config that xl wouldn't take ends the
 * process with EXIT_GUEST and a line naming file, line and what was found there. */
void cfg_parse(const char *path, const struct buf *text, struct cfg *cfg);

/* The key, or NULL if it isn't set. */
const struct cfg_key *cfg_find(const struct cfg *cfg, const char *name);

/* The string value of a key or NULL if unset. A list where a string belongs ends the process. */
const char *cfg_string(const struct cfg *cfg, const char *name);

/* The integer value of a key, or `unset`. Not a number, or out of [min,max]: ends the process. */
long cfg_long(const struct cfg *cfg, const char *name, long unset, long min, long max);

/* End the process with EXIT_GUEST and "path:line: key: <text>". */
_Noreturn void cfg_die(const struct cfg *cfg, const struct cfg_key *key, const char *fmt, ...)
    PRINTF(3, 4);

/* Write a value in the config syntax, so that parsing it again gives the same value. */
void cfg_write_value(struct buf *out, const struct cfg_value *v);
void cfg_write_string(struct buf *out, const char *s);

#endif
