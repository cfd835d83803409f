/* SPDX-License-Identifier: MIT
 * The forms that values of config keys have.
 */
#ifndef SIDECAR_KEYFORM_H
#define SIDECAR_KEYFORM_H

#include "xlcfg.h"

enum key_form {
    FORM_ANY,   /* not looked at */
    FORM_EMPTY, /* "", [], 0: asks for nothing */
    FORM_STRING,
    FORM_NUMBER,
    FORM_BOOL,  /* 0 or 1 */
    FORM_LIST,  /* of strings */
    FORM_WORDS, /* a string, or a list of strings */
    FORM_UUID,
    FORM_CPUS,     /* "0-3,^1", or a list of such */
    FORM_CPUWORDS, /* with "all", "node:0": xl's only */
    FORM_EVENT,    /* destroy, restart, preserve, rename-restart */
    FORM_DUMP,     /* coredump-destroy, coredump-restart */
    FORM_SOFT,     /* soft-reset */
    FORM_ONREBOOT, /* onreboot, always */
    FORM_TSC,      /* 0 to 3 */
    FORM_TSCWORD,  /* default, always_emulate, native, native_paravirt */
    FORM_IGNORE,   /* "ignore" */
    FORM_OFF,      /* "off" */
    FORM_DISABLED, /* "disabled" */
    FORM_PV,       /* type="pv" */
    FORM_BUILDER,  /* generic, linux */
    FORM_LOADER,
    FORM_DISKS,
    FORM_VIFS,
    N_FORMS
};

/* The form in words, for messages and docs/CONFIG.md. */
const char *keyform_words(enum key_form form);

/* Whether the value has that form. */
bool keyform_fits(enum key_form form, const struct cfg_value *v);

/* The number of a value; false if it is none. */
bool keyform_number(const struct cfg_value *v, long *n);

/* A uuid with its dashes where they belong; malloc'ed. NULL if it is none. */
char *keyform_uuid(const char *s);

#endif
