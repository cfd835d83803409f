// SPDX-License-Identifier: MIT
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

bool tool_in_path(const char *tool)
{
    const char *path = getenv("PATH");

    for (const char *s = path ? path : ""; *s;) {
        size_t n = strcspn(s, ":");
        char *file = xasprintf("%.*s/%s", (int)n, s, tool);
        bool found = !access(file, X_OK);

        free(file);
        if (found)
            return true;
        s += n + (s[n] == ':');
    }
    return false;
}

void tool_arg(struct args *a, const char *s)
{
    a->v = xrealloc(a->v, (a->n + 2) * sizeof(*a->v));
    a->v[a->n++] = s;
    a->v[a->n] = NULL;
}

static pid_t start(const struct args *a)
{
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid < 0)
        die(EXIT_ENVIRONMENT, "can't start %s: %s", a->v[0], strerror(errno));
    return pid;
}

static int finish(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void tool_run(const struct output *o, struct args *a)
{
    char *log = output_path(o, "log");
    struct buf said = {0};
    pid_t pid = start(a);

    if (!pid) {
        if (!freopen("/dev/null", "r", stdin) || !freopen(log, "w", stdout) ||
            dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
            _exit(126);
        execvp(a->v[0], (char *const *)a->v);
        _exit(127);
    }
    if (finish(pid)) {
        read_file(log, &said);
        fprintf(stderr, "%s", said.data ? (char *)said.data : "");
        die(EXIT_ENVIRONMENT, "%s failed (see above); is the disk of %s full?", a->v[0], o->dir);
    }
    free(log);
    free(a->v);
}

int tool_read(struct args *a, struct buf *out)
{
    int fds[2], null, status;
    ssize_t n;
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC))
        die(EXIT_ENVIRONMENT, "can't start %s: %s", a->v[0], strerror(errno));
    pid = start(a);
    if (!pid) {
        null = open("/dev/null", O_RDWR);
        if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0 ||
            dup2(fds[1], STDOUT_FILENO) < 0)
            _exit(126);
        execvp(a->v[0], (char *const *)a->v);
        _exit(127);
    }
    close(fds[1]);
    for (;;) {
        buf_reserve(out, 65536);
        n = read(fds[0], out->data + out->len, out->cap - out->len - 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        out->len += (size_t)n;
        if (out->len > TOOL_READ_MAX)
            break;
    }
    out->data[out->len] = 0;
    close(fds[0]);
    status = finish(pid);
    free(a->v);
    return status;
}
