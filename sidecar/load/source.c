// SPDX-License-Identifier: MIT
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool read_file_at(const struct source *s, uint64_t at, void *to, size_t n)
{
    char *p = to;

    while (n) {
        ssize_t got = pread(s->fd, p, n, (off_t)at);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            if (got == 0)
                errno = 0;
            return false;
        }
        p += got, at += (uint64_t)got, n -= (size_t)got;
    }
    return true;
}

const char *source_open(struct source *s, const char *path)
{
    struct stat st;
    off_t end;

    *s = (struct source){.read = read_file_at, .fd = open(path, O_RDONLY | O_CLOEXEC)};
    if (s->fd < 0)
        return strerror(errno);
    if (fstat(s->fd, &st))
        return strerror(errno);
    if (S_ISDIR(st.st_mode))
        return strerror(EISDIR);
    /* its end, not st_size: a block device has none */
    end = lseek(s->fd, 0, SEEK_END);
    if (end < 0)
        return "is a pipe or the like, and is read twice; write it to a file first";
    s->size = (uint64_t)end;
    return NULL;
}

static bool read_memory(const struct source *s, uint64_t at, void *to, size_t n)
{
    memcpy(to, (const char *)s->memory + at, n);
    return true;
}

void source_memory(struct source *s, const void *p, size_t n)
{
    *s = (struct source){.size = n, .read = read_memory, .memory = p, .fd = -1};
}
