/* SPDX-License-Identifier: MIT */
/* The words of an xm config, which is Python: blanks, names and strings; xmcfg.c reads what they
 * form. */
#ifndef SIDECAR_XMLEX_H
#define SIDECAR_XMLEX_H

#include "util.h"

#define XM_MAX_VALUE (1u << 20) /* bytes of a string, items of a list */

struct xm_lexer {
    const char *path, *s; /* s: what is read next */
    unsigned line, depth; /* depth: open brackets, in which lines go on */
    char *error;          /* the first one, malloc'ed; nothing is read after it */
};

/* Keeps `what` with file and line as the error, unless there is one. Returns false. */
bool xm_fail(struct xm_lexer *r, const char *what);
/* The same for what can't be known without Python; `at`: where it stands. */
bool xm_computed(struct xm_lexer *r, const char *at);

bool xm_name_start(char c);
size_t xm_name_length(const char *s); /* with dots, 0: no name */

/* Skips blanks, comments, and line ends where they don't end anything. */
void xm_blanks(struct xm_lexer *r);

/* Whether a string begins here; *prefix: letters before its quote. */
bool xm_string_here(const char *s, size_t *prefix);
/* One string or several side by side, as one; malloc'ed. See r->error. */
char *xm_strings(struct xm_lexer *r);

#endif
