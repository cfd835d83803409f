/* SPDX-License-Identifier: MIT
 * The command line of mk-sidecar, and the words of it that a converted guest remembers.
 */
#ifndef SIDECAR_OPTIONS_H
#define SIDECAR_OPTIONS_H

#include "hvmcfg.h"
#include "iso.h"

enum action { ACT_CONVERT, ACT_LIST, ACT_VERIFY, ACT_PRUNE, ACT_UNPACK };

struct options {
    enum action action;
    bool all; /* many configs */
    const char *out_dir, *iso_path, *shim, *shim_cmdline, *entry, *unpack;
    enum toolstack toolstack;
    bool old_xl; /* guest.h */
    enum medium medium;
    enum packing packing;
    bool quiet, print, dry_run, universal, rebuild;
    long jobs; /* 0: one for each processor */
    bool wait; /* for others that make the same sidecar */
    char **args;
    size_t n_args;
};

/* The end of a sidecar's name, with its dot. */
const char *options_ext(const struct options *opt);

/* How the kernel is packed: what was asked for, or what goes with the medium. */
enum packing options_packing(const struct options *opt);
/* Whether it is the latter. */
bool options_packing_usual(const struct options *opt);

/* Read the command line; ends the process after --help and the like, and on errors (EXIT_USAGE). */
void options_parse(int argc, char **argv, struct options *opt);

/* Those options that decide what comes out, as lines `prefix` + "--word=value". */
void options_record(struct buf *out, const char *prefix, const struct options *opt);

/* Take one such "--word=value" back. False if it is none that options_record() writes. */
bool options_recall(struct options *opt, char *word);

#endif
