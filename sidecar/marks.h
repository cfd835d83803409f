/* SPDX-License-Identifier: MIT
 * The lines that a config made by us ends in, "# mk-sidecar-WORD: VALUE": what --list, --verify and
 * the next conversion need to know of it.
 */
#ifndef SIDECAR_MARKS_H
#define SIDECAR_MARKS_H

#include "util.h"

#define MARK "# mk-sidecar-"

/* Whether the text of a file is such a config. */
bool marks_ours(const char *text);

/* The value of `word` if `line`, up to its end, is a mark with that word; malloc'ed, or NULL. */
char *mark_value(const char *line, const char *word);

/* The options that a config was made with, a blank before each; malloc'ed. */
char *marks_options(const char *text);

#endif
