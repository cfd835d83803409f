// SPDX-License-Identifier: MIT
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

char *tool_path(const char *tool)
{
    const char *path = getenv("PATH");

    for (const char *s = path ? path : ""; *s;) {
        size_t n = strcspn(s, ":");
        char *file = xasprintf("%.*s/%s", (int)n, s, tool);

        if (!access(file, X_OK))
            return file;
        free(file);
        s += n + (s[n] == ':');
    }
    return NULL;
}

bool tool_in_path(const char *tool)
{
    char *file = tool_path(tool);

    free(file);
    return file != NULL;
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

/* Run it with its output in the work directory's file "log"; returns its status. */
static int logged(const struct output *o, struct args *a, struct buf *said)
{
    char *log = output_path(o, "log");
    pid_t pid = start(a);
    int status;

    if (!pid) {
        if (!freopen("/dev/null", "r", stdin) || !freopen(log, "w", stdout) ||
            dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
            _exit(126);
        execvp(a->v[0], (char *const *)a->v);
        _exit(127);
    }
    status = finish(pid);
    if (status)
        read_file(log, said);
    buf_adds(said, "");
    free(log);
    return status;
}

void tool_run(const struct output *o, struct args *a)
{
    struct buf said = {0};

    if (logged(o, a, &said)) {
        fprintf(stderr, "%s", (char *)said.data);
        die(EXIT_ENVIRONMENT, "%s failed (see above); is the disk of %s full?", a->v[0], o->dir);
    }
    buf_free(&said);
    free(a->v);
}

void xl_check(const struct output *o, const char *file, const char *name)
{
    const char *xl = getenv("MK_SIDECAR_XL"); /* for tests */
    struct buf caps = {0}, said = {0};
    struct args a = {0};

    /* On any other machine xl itself can't start. */
    if (!xl && (read_file("/proc/xen/capabilities", &caps) || !caps.len ||
                !strstr((char *)caps.data, "control_d") || !tool_in_path("xl")))
        return;
    tool_arg(&a, xl ? xl : "xl");
    tool_arg(&a, "create");
    tool_arg(&a, "-n");
    tool_arg(&a, output_path(o, file));
    if (logged(o, &a, &said)) {
        fprintf(stderr, "%s", (char *)said.data);
        die(EXIT_GUEST, "%s: xl doesn't take the HVM config (see above)%s", name,
            strstr((char *)said.data, "Unknown vga")
                ? "; as it is older than 4.5, make it with --toolstack xl4.4"
                : "");
    }
    buf_free(&said);
    buf_free(&caps);
    free(a.v);
}

int tool_read(struct args *a, size_t max, struct buf *out)
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
        if (out->len > max)
            break;
    }
    out->data[out->len] = 0;
    /* a tool that still has much to say dies of this */
    close(fds[0]);
    status = finish(pid);
    if (out->len > max) {
        buf_free(out);
        status = -1;
    }
    free(a->v);
    return status;
}
