// SPDX-License-Identifier: MIT
#include "output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the exit handler has to clear, and who has to do it: a forked child that fails to exec must
 * not. */
static char *cleanup_dir;
static pid_t cleanup_pid;

void output_empty_dir(const char *path)
{
    DIR *d = opendir(path);
    struct dirent *e;

    if (!d)
        return;
    while ((e = readdir(d)))
        if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
            unlinkat(dirfd(d), e->d_name, 0);
    closedir(d);
}

static void cleanup(void)
{
    if (!cleanup_dir || getpid() != cleanup_pid)
        return;
    output_empty_dir(cleanup_dir);
    rmdir(cleanup_dir);
}

static void on_signal(int sig)
{
    /* The directory walk isn't async-signal-safe by the letter; the worst case is a leftover that
     * the next run clears, and the outputs are safe either way. */
    cleanup();
    signal(sig, SIG_DFL);
    raise(sig);
}

void output_begin(struct output *o, const char *dir, const char *work)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

    o->dir = xstrdup(dir);
    o->work = xasprintf("%s/%s", dir, work);
    o->lock = -1;
    if (cleanup_pid != getpid()) {
        cleanup_pid = getpid();
        cleanup_dir = NULL;
        atexit(cleanup);
        for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
            signal(signals[i], on_signal);
    }
}

bool output_lock(struct output *o, bool wait)
{
    struct stat ours, there;
    int fd;

    for (;;) {
        if (mkdir(o->work, 0700) && errno != EEXIST)
            die(EXIT_ENVIRONMENT, "%s: %s; name a directory you may write to by -o", o->dir,
                strerror(errno));
        fd = open(o->work, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT)
            continue;
        if (fd < 0)
            die(EXIT_ENVIRONMENT, "%s: %s", o->work, strerror(errno));
        if (flock(fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB)) {
            if (errno == EINTR)
                continue;
            close(fd);
            return false;
        }
        /* The one who had the lock has removed the directory: ours is another by now. */
        if (!fstat(fd, &ours) && !stat(o->work, &there) && ours.st_ino == there.st_ino)
            break;
        close(fd);
    }
    o->lock = fd;
    output_empty_dir(o->work);
    cleanup_dir = o->work;
    return true;
}

void output_end(struct output *o)
{
    cleanup();
    cleanup_dir = NULL;
    close(o->lock);
    o->lock = -1;
}

void output_sweep(const char *dir, const char *work)
{
    struct output o;

    output_begin(&o, dir, work);
    if (!access(o.work, F_OK) && output_lock(&o, false))
        output_end(&o);
}

char *output_path(const struct output *o, const char *file)
{
    return xasprintf("%s/%s", o->work, file);
}

void output_write(const struct output *o, const char *file, const void *p, size_t len)
{
    char *path = output_path(o, file);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    const uint8_t *s = p;

    if (fd < 0)
        die(EXIT_ENVIRONMENT, "%s: %s", path, strerror(errno));
    while (len) {
        ssize_t n = write(fd, s, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            die(EXIT_ENVIRONMENT, "%s: %s", o->dir, strerror(errno));
        s += n;
        len -= (size_t)n;
    }
    if (close(fd))
        die(EXIT_ENVIRONMENT, "%s: %s", o->dir, strerror(errno));
    free(path);
}

void output_commit(const struct output *o, const char *file, const char *final_name)
{
    char *from = output_path(o, file), *to = xasprintf("%s/%s", o->dir, final_name);
    int fd = open(from, O_RDONLY | O_CLOEXEC);

    /* Without the flush a crash of the host could leave the new name on empty blocks. */
    if (fd < 0 || fchmod(fd, 0644) || fsync(fd))
        die(EXIT_ENVIRONMENT, "%s: %s", from, strerror(errno));
    close(fd);
    if (rename(from, to))
        die(EXIT_ENVIRONMENT, "%s: %s", to, strerror(errno));
    free(from);
    free(to);
}
