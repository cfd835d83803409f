/* SPDX-License-Identifier: MIT
 * Where the bytes of a saved guest come from: a file, or memory in tests.  They are read twice, so
 * it must be seekable.
 */
#ifndef LOAD_SOURCE_H
#define LOAD_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct source {
    uint64_t size;
    /* Reads all n bytes at `at`; the caller has compared them with `size`.  false with errno, which
     * is 0 where the file has become shorter meanwhile. */
    bool (*read)(const struct source *s, uint64_t at, void *to, size_t n);
    const void *memory;
    int fd;
};

/* Opens a file.  NULL, or what is wrong with it. */
const char *source_open(struct source *s, const char *path);
/* The n bytes at p, which stay the caller's. */
void source_memory(struct source *s, const void *p, size_t n);

#endif
