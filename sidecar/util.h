/* SPDX-License-Identifier: MIT
 * Small things every file of the builder needs: fatal errors, buffers, whole-file reads.
 * The builder handles one guest per process, so an error ends the process: nothing is freed on the
 * way, and the only cleanup that matters (temporary files) hangs on atexit, see output.h.
 */
#ifndef SIDECAR_UTIL_H
#define SIDECAR_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit codes, documented in mk-sidecar(8). */
enum {
    EXIT_DONE = 0,
    EXIT_GUEST = 1, /* this guest can't be converted; others may */
    EXIT_USAGE = 2,
    EXIT_ENVIRONMENT = 3, /* a tool, the shim or the output directory is missing or broken */
    /* Between the processes of a fleet only: */
    EXIT_SKIPPED = 74, /* not a PV guest */
    EXIT_BUSY = 75,    /* another process makes the same sidecar; try again */
};

/* Whether `s` has this end. */
bool ends_with(const char *s, const char *end);

#define PRINTF(f, a) __attribute__((format(printf, f, a)))

/* Print one line "mk-sidecar: <text>" on stderr and exit with `code`. */
_Noreturn void die(int code, const char *fmt, ...) PRINTF(2, 3);
/* Print one line "mk-sidecar: warning: <text>" on stderr. */
void warn(const char *fmt, ...) PRINTF(1, 2);

/* Allocation that can't fail (out of memory ends the process with EXIT_ENVIRONMENT). */
void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n);
char *xstrdup(const char *s);
char *xasprintf(const char *fmt, ...) PRINTF(1, 2);

/* A growing byte buffer; `data` is always followed by a NUL that `len` doesn't count. */
struct buf {
    uint8_t *data;
    size_t len, cap;
};
void buf_reserve(struct buf *b, size_t more);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_adds(struct buf *b, const char *s);
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
void buf_free(struct buf *b);

/* Read all of `path` in *b (which must be empty). Returns 0 or an errno value. */
int read_file(const char *path, struct buf *b);

/* Little-endian loads; p need not be aligned. */
static inline uint16_t le16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}
static inline uint32_t le32(const uint8_t *p)
{
    return le16(p) | (uint32_t)le16(p + 2) << 16;
}

#endif
