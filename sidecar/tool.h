/* SPDX-License-Identifier: MIT
 * Runs the tools of others: argument lists, a search along PATH, output kept for the error case.
 */
#ifndef SIDECAR_TOOL_H
#define SIDECAR_TOOL_H

#include "output.h"

struct args {
    const char **v;
    size_t n;
};

/* Whether PATH leads to an executable of that name. */
bool tool_in_path(const char *tool);

/* Where PATH leads for that name; malloc'ed, or NULL. */
char *tool_path(const char *tool);

/* Append one argument; the string isn't copied. */
void tool_arg(struct args *a, const char *s);

/* Run a tool in the work directory's name; its output is shown only if it fails, after which the
 * process ends with EXIT_ENVIRONMENT. Frees the list. */
void tool_run(const struct output *o, struct args *a);

/* On a control domain with xl: `xl create -n` on a file of the work directory. A config that it
 * doesn't take ends the process with EXIT_GUEST. */
void xl_check(const struct output *o, const char *file, const char *name);

/* Run a tool and add its standard output to *out; standard error is dropped, for callers to whom
 * "no" is an answer. Returns the exit status (127: not found). More than `max` bytes are an error,
 * and *out is empty then: what is read may be a guest's. Frees the list. */
int tool_read(struct args *a, size_t max, struct buf *out);

#endif
