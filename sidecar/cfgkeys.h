/* SPDX-License-Identifier: MIT
 * The fate of every key of xl.cfg(5) when a PV config becomes an HVM one. One table; the check of a
 * config, the writer of the HVM config and docs/CONFIG.md all follow it.
 */
#ifndef SIDECAR_CFGKEYS_H
#define SIDECAR_CFGKEYS_H

#include "xlcfg.h"

enum key_fate {
    KEY_KEPT,       /* same key, same value */
    KEY_TRANSLATED, /* written by hvmcfg.c in another form, or not needed any more */
    KEY_IGNORED,    /* xl reads it for HVM or PVH guests only: it did nothing, and must go on so */
    KEY_REFUSED,    /* can't work in an HVM domain with the shim */
};

struct key_rule {
    const char *name;
    enum key_fate fate;
    const char *note; /* what becomes of it; for KEY_REFUSED reason and remedy */
};

/* The table, sorted by fate, and its length. */
extern const struct key_rule key_rules[];
extern const size_t key_rules_n;

/* The rule of a key, or NULL if xl doesn't know the key (4.17). */
const struct key_rule *cfgkeys_find(const char *name);

/* Refuse (EXIT_GUEST) what can't be converted; warn about keys that nobody knows and about values
 * that get lost. Called by guest_load(). */
void cfgkeys_check(const struct cfg *cfg);

/* Print the table as the Markdown of docs/CONFIG.md on stdout (`--keys`; the tests compare). */
void cfgkeys_print(void);

#endif
