// SPDX-License-Identifier: MIT
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

_Noreturn void die(int code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fputs("mk-sidecar: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    exit(code);
}

void warn(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fputs("mk-sidecar: warning: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
}

static void *checked(void *p)
{
    if (!p)
        die(EXIT_ENVIRONMENT, "out of memory");
    return p;
}

void *xmalloc(size_t n)
{
    return checked(malloc(n ? n : 1));
}

void *xcalloc(size_t n, size_t size)
{
    return checked(calloc(n ? n : 1, size));
}

void *xrealloc(void *p, size_t n)
{
    return checked(realloc(p, n ? n : 1));
}

char *xstrdup(const char *s)
{
    return checked(strdup(s));
}

char *xasprintf(const char *fmt, ...)
{
    va_list ap;
    char *s;

    va_start(ap, fmt);
    if (vasprintf(&s, fmt, ap) < 0)
        s = NULL;
    va_end(ap);
    return checked(s);
}

void buf_reserve(struct buf *b, size_t more)
{
    size_t need = b->len + more + 1;

    if (need <= b->cap)
        return;
    /* Doubling keeps appends linear; files are reserved in one go by read_file(). */
    if (need < b->cap * 2)
        need = b->cap * 2;
    b->data = xrealloc(b->data, need);
    b->cap = need;
    b->data[b->len] = 0;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
    buf_reserve(b, n);
    if (n)
        memcpy(b->data + b->len, p, n);
    b->len += n;
    b->data[b->len] = 0;
}

void buf_adds(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    char *s;

    va_start(ap, fmt);
    if (vasprintf(&s, fmt, ap) < 0)
        s = NULL;
    va_end(ap);
    checked(s);
    buf_adds(b, s);
    free(s);
}

void buf_free(struct buf *b)
{
    free(b->data);
    *b = (struct buf){0};
}

bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);

    return n >= m && !strcmp(s + n - m, end);
}

int read_file(const char *path, struct buf *b)
{
    struct stat st;
    ssize_t n;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int err = 0;

    if (fd < 0)
        return errno;
    if (fstat(fd, &st)) {
        err = errno;
    } else if (S_ISDIR(st.st_mode)) {
        err = EISDIR;
    } else {
        buf_reserve(b, (size_t)st.st_size);
        /* Until end of file and not until st_size: pipes and /proc have none. */
        for (;;) {
            buf_reserve(b, 1);
            n = read(fd, b->data + b->len, b->cap - b->len - 1);
            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0)
                break;
            b->len += (size_t)n;
            if (b->cap - b->len - 1 == 0)
                buf_reserve(b, 65536);
        }
        if (n < 0)
            err = errno;
        b->data[b->len] = 0;
    }
    close(fd);
    return err;
}
