/* SPDX-License-Identifier: MIT
 * The fate of every key that xl or xend reads when a PV config becomes an HVM one. One table: the
 * check of a config, the writers, the tests and docs/CONFIG.md all follow it.
 */
#ifndef SIDECAR_CFGKEYS_H
#define SIDECAR_CFGKEYS_H

#include "guest.h"
#include "keyform.h"

/* Who reads a key. */
enum {
    READ_XL = 1, /* xl.cfg(5) of Xen 4.17, and xl of 4.22 */
    READ_34 = 2, /* xend's create.py of Xen 3.4 */
    READ_41 = 4, /* the same of Xen 4.1 */
    READ_XM = READ_34 | READ_41,
    READ_ALL = READ_XL | READ_XM,
    READ_OLD = 8, /* others that make configs: SUSE's xm, Ganeti, libvirt */
};

enum key_fate {
    KEY_KEPT = 'K',    /* same key, same value; for libvirt its element */
    KEY_ADAPTED = 'A', /* written in another form, or in the sidecar; or not needed any more */
    KEY_DROPPED = 'D', /* left out: it did nothing to a PV guest of this toolstack, or to any */
    KEY_WARNED = 'W',  /* left out with a warning */
    KEY_REFUSED = 'R', /* can't work in an HVM domain with the shim */
};

enum key_absent {
    ABSENT_NOTHING, /* a config without it gets none */
    ABSENT_REFUSED,
    ABSENT_WRITTEN, /* xl's HVM config has it always */
};

struct key_rule {
    const char *name;
    unsigned readers;
    enum key_form form; /* the row is for values of this form */
    char fate[4];       /* an enum key_fate for each enum toolstack, in its order */
    enum key_absent absent;
    const char *note; /* what becomes of it; for KEY_WARNED and KEY_REFUSED reason and remedy */
};

/* The table, in parts that end in an empty row. The rows of a key stand together. */
extern const struct key_rule key_rules_self[], key_rules_devices[], key_rules_other[];

/* The i-th row of all, or NULL behind the last. */
const struct key_rule *cfgkeys_row(size_t i);

/* The row for a key with this value. NULL if no toolstack knows the key; *wrong (may be NULL) is
 * the key's first row if none of its forms is the value's. */
const struct key_rule *cfgkeys_find(const struct cfg_key *k, const struct key_rule **wrong);

/* Refuse (EXIT_GUEST) what can't be converted for this toolstack; warn of what is left out. Called
 * by guest_load(). */
void cfgkeys_check(const struct cfg *cfg, enum toolstack toolstack);

/* Write the kept keys, as xl or xend reads them. */
void cfgkeys_write(struct buf *out, const struct guest *g);

/* Print the table as the Markdown of docs/CONFIG.md on stdout (`--keys`; the tests compare). */
void cfgkeys_print(void);

#endif
