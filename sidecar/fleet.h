/* SPDX-License-Identifier: MIT
 * Many guests at once: one process each, progress, a table at the end.
 */
#ifndef SIDECAR_FLEET_H
#define SIDECAR_FLEET_H

#include "convert.h"

struct job {
    const char *path;   /* what to work on, and what the table calls it if nothing else is known */
    struct report *rep; /* shared with the process */
    struct buf said;    /* what it printed */
    int status;         /* its exit status, an EXIT_ */
    char *reason;       /* of a failure; set before the run: the job isn't run */
    int pid, out, rounds; /* private to jobs_run() */
};

/* A job's work, in a process of its own: may print, may die(). */
typedef void job_work(struct job *j, const struct options *opt);

/* n jobs; every report is shared memory. */
struct job *jobs_new(size_t n);

/* Run them, opt->jobs at once, and show progress. Fills said, status, reason. */
void jobs_run(struct job *jobs, size_t n, const struct options *opt, job_work *work);

/* Print the table and return the exit status for all of them. `passed`: lines about `n_passed`
 * files that are nobody's job; NULL if there are none. */
int jobs_table(const struct job *jobs, size_t n, const struct options *opt, const char *passed,
               size_t n_passed);

/* --all: convert what opt->args name. */
int fleet_convert(const struct options *opt);

#endif
