// SPDX-License-Identifier: MIT
/* The processes of fleet.h, and the table. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fleet.h"

static volatile sig_atomic_t stopped; /* the signal that asked us to end */

static void on_stop(int sig)
{
    stopped = sig;
}

struct job *jobs_new(size_t n)
{
    struct job *jobs = xcalloc(n, sizeof(*jobs));
    size_t bytes = (n ? n : 1) * sizeof(struct report);
    struct report *reps =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (reps == MAP_FAILED)
        die(EXIT_ENVIRONMENT, "out of memory");
    for (size_t i = 0; i < n; i++)
        jobs[i].rep = reps + i;
    return jobs;
}

static void start(struct job *j, const struct options *opt, job_work *work)
{
    struct options own = *opt;

    j->out = memfd_create("said", MFD_CLOEXEC);
    fflush(NULL);
    j->pid = j->out < 0 ? -1 : fork();
    if (j->pid < 0)
        die(EXIT_ENVIRONMENT, "can't start a process: %s", strerror(errno));
    if (j->pid)
        return;
    /* A killed fleet takes its processes along. */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    if (dup2(j->out, STDOUT_FILENO) < 0 || dup2(j->out, STDERR_FILENO) < 0)
        _exit(EXIT_ENVIRONMENT);
    /* In the first round nobody waits for a sidecar that another makes: there is other work. */
    own.wait = j->rounds > 0;
    work(j, &own);
    exit(EXIT_DONE);
}

/* The last line that die() printed, without our name. */
static char *last_error(const struct buf *said)
{
    static const char ours[] = "mk-sidecar: ";
    const char *s = (const char *)said->data, *found = NULL;

    for (; s && *s; s = strchr(s, '\n') ? strchr(s, '\n') + 1 : NULL)
        if (!strncmp(s, ours, sizeof(ours) - 1))
            found = s + sizeof(ours) - 1;
    return found ? xasprintf("%.*s", (int)strcspn(found, "\n"), found)
                 : xstrdup("ended without a word; the system's log may tell");
}

static void finish(struct job *j, int status)
{
    char block[4096];
    ssize_t n;

    buf_free(&j->said);
    buf_adds(&j->said, "");
    lseek(j->out, 0, SEEK_SET);
    while ((n = read(j->out, block, sizeof(block))) > 0)
        buf_add(&j->said, block, (size_t)n);
    close(j->out);
    j->pid = 0;
    j->status = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_ENVIRONMENT;
    if (j->status && j->status != EXIT_BUSY)
        j->reason = last_error(&j->said);
}

static const char *result(const struct job *j)
{
    return j->status == EXIT_SKIPPED ? "skipped"
           : j->status               ? "FAILED"
           : *j->rep->result         ? j->rep->result
                                     : "done";
}

static void progress(const struct job *j, size_t done, size_t n, const struct options *opt)
{
    bool tty = isatty(STDERR_FILENO);
    const char *s = (const char *)j->said.data;

    if (tty && !opt->quiet)
        fputs("\r\033[K", stderr);
    /* What was said goes out whole, but for the line that the table will show. */
    for (size_t len; s && *s; s += len) {
        len = strcspn(s, "\n");
        len += s[len] == '\n';
        if (strncmp(s, "mk-sidecar: ", 12) || !strncmp(s + 12, "warning: ", 9))
            fprintf(strncmp(s, "mk-sidecar: ", 12) ? stdout : stderr, "%.*s", (int)len, s);
    }
    fflush(stdout);
    if (!opt->quiet)
        fprintf(stderr, "[%zu/%zu] %s: %s%s", done, n, *j->rep->guest ? j->rep->guest : j->path,
                result(j), tty ? "" : "\n");
    if (tty && done == n && !opt->quiet)
        fputs("\r\033[K", stderr);
}

static _Noreturn void stop(struct job *jobs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (jobs[i].pid > 0)
            kill(jobs[i].pid, SIGTERM);
    while (wait(NULL) > 0 || errno == EINTR)
        ;
    fputs("mk-sidecar: interrupted; guests that were done are whole, the others as before\n",
          stderr);
    signal(stopped, SIG_DFL);
    raise(stopped);
    _exit(EXIT_ENVIRONMENT);
}

void jobs_run(struct job *jobs, size_t n, const struct options *opt, job_work *work)
{
    struct sigaction act = {.sa_handler = on_stop}; /* no SA_RESTART: wait() has to return */
    long max = opt->jobs ? opt->jobs : sysconf(_SC_NPROCESSORS_ONLN), running = 0;
    size_t *queue = xcalloc(n, 2 * sizeof(*queue)), head = 0, tail = 0, done = 0;

    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGHUP, &act, NULL);
    for (size_t i = 0; i < n; i++) {
        if (!jobs[i].reason)
            queue[tail++] = i;
        else
            progress(&jobs[i], ++done, n, opt);
    }
    while (head < tail || running) {
        int status = 0, pid;
        size_t i = 0;

        if (stopped)
            stop(jobs, n);
        if (head < tail && running < (max > 0 ? max : 1)) {
            start(&jobs[queue[head++]], opt, work);
            running++;
            continue;
        }
        pid = waitpid(-1, &status, 0);
        while (i < n && jobs[i].pid != pid)
            i++;
        if (pid <= 0 || i == n)
            continue;
        running--;
        finish(&jobs[i], status);
        /* Busy ones again, behind all others. They wait then, so that is once for each. */
        if (jobs[i].status == EXIT_BUSY && !jobs[i].rounds++)
            queue[tail++] = i;
        else
            progress(&jobs[i], ++done, n, opt);
    }
    free(queue);
}

int jobs_table(const struct job *jobs, size_t n, const struct options *opt, const char *passed,
               size_t n_passed)
{
    size_t guest = 5, iso = 7, bad = 0, skipped = 0;
    bool environment = false;

    for (size_t i = 0; i < n; i++) {
        const char *name = *jobs[i].rep->guest ? jobs[i].rep->guest : jobs[i].path;

        guest = strlen(name) > guest ? strlen(name) : guest;
        iso = strlen(jobs[i].rep->iso) > iso ? strlen(jobs[i].rep->iso) : iso;
        bad += jobs[i].status && jobs[i].status != EXIT_SKIPPED;
        skipped += jobs[i].status == EXIT_SKIPPED;
        environment |= jobs[i].status == EXIT_ENVIRONMENT;
    }
    if (!opt->quiet)
        printf("%-*s  %-9s  %-12s  %-*s  %s\n", (int)guest, "GUEST", "BOOT", "RESULT", (int)iso,
               "SIDECAR", "REASON");
    for (size_t i = 0; i < n; i++) {
        const struct job *j = &jobs[i];

        if (opt->quiet && (!j->status || j->status == EXIT_SKIPPED))
            continue;
        printf("%-*s  %-9s  %-12s  %-*s  %s\n", (int)guest,
               *j->rep->guest ? j->rep->guest : j->path, *j->rep->boot ? j->rep->boot : "-",
               result(j), (int)iso, *j->rep->iso ? j->rep->iso : "-", j->reason ? j->reason : "");
    }
    if (!opt->quiet && passed)
        fputs(passed, stdout);
    if (!opt->quiet)
        printf("%zu done, %zu failed, %zu skipped%s\n", n - bad - skipped, bad, skipped,
               n_passed ? xasprintf(", %zu passed over", n_passed) : "");
    return environment ? EXIT_ENVIRONMENT : bad ? EXIT_GUEST : EXIT_DONE;
}
