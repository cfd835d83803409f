/* SPDX-License-Identifier: MIT */
/* The words of an xm config, which is Python: blanks, names and strings; xmcfg.c reads what they
 * form. */
#ifndef SIDECAR_XMLEX_H
#define SIDECAR_XMLEX_H

#include "util.h"

#define XM_MAX_VALUE (1u << 20) /* bytes of a string, items of a list */

struct xm_lexer {
    const char *path, *text, *s; /* s: what is read next of text */
    unsigned line, depth;        /* depth: open brackets, in which lines go on */
    char *error;                 /* the first one, malloc'ed; nothing is read after it */
};

/* Keeps `what` with file, line and column of `at` as the error, unless there is one. Returns false,
 * as do the next four, which find out what is wrong: xmwhy.c. */
bool xm_fail(struct xm_lexer *r, const char *at, const char *what);
/* What can't be known without Python. */
bool xm_computed(struct xm_lexer *r, const char *at);
/* A value should stand there. */
bool xm_no_value(struct xm_lexer *r, const char *at);
/* A value that began at `value` doesn't end at `at`. */
bool xm_after_value(struct xm_lexer *r, const char *value, const char *at);
/* An assignment should stand there. */
bool xm_no_assignment(struct xm_lexer *r, const char *at);

/* What else than a config the text is, as a malloc'ed line for the user; NULL: it may be one. */
char *xm_not_config(const char *path, const char *text);

bool xm_name_start(char c);
size_t xm_name_length(const char *s); /* with dots, 0: no name */

/* Skips blanks, comments, and line ends where they don't end anything. */
void xm_blanks(struct xm_lexer *r);

/* Whether a string begins here; *prefix: letters before its quote. */
bool xm_string_here(const char *s, size_t *prefix);
/* One string or several side by side, as one; malloc'ed. See r->error. */
char *xm_strings(struct xm_lexer *r);

#endif
