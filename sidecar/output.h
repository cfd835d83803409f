/* SPDX-License-Identifier: MIT
 * Files that appear whole or not at all. Everything is made in a work directory beside the outputs
 * (DIR/.NAME-sidecar.tmp), then renamed; the work directory is removed however the process ends.
 * What a killed run left there is cleared by the next one.
 */
#ifndef SIDECAR_OUTPUT_H
#define SIDECAR_OUTPUT_H

#include "util.h"

struct output {
    char *dir;  /* where the outputs go */
    char *work; /* the work directory inside it */
    int lock;   /* descriptor whose flock() makes the work directory ours */
};

/* Name the work directory `dir`/`work`. */
void output_begin(struct output *o, const char *dir, const char *work);

/* Make the work directory ours, and empty. False if another process has it and we don't `wait`.
 * Ends the process if `dir` can't be written (EXIT_ENVIRONMENT). One at a time per process. */
bool output_lock(struct output *o, bool wait);

/* Remove the work directory if it's there and nobody's: a run was killed after its last rename. */
void output_sweep(const char *dir, const char *work);

/* Remove the work directory and let others have it. */
void output_end(struct output *o);

/* Path of a file in the work directory; malloc'ed. */
char *output_path(const struct output *o, const char *file);

/* Write a file of the work directory. A full disk ends the process with one clear line. */
void output_write(const struct output *o, const char *file, const void *p, size_t len);

/* Flush a file of the work directory to the disk and rename it to its final name in `dir`. */
void output_commit(const struct output *o, const char *file, const char *final_name);

/* Unlinks the files of a directory, and leaves subdirectories; for work directories of ours. */
void output_empty_dir(const char *path);

#endif
