/* SPDX-License-Identifier: MIT
 * SHA-256 of memory and of files, as 64 hex digits. The hash of a file that hasn't changed is
 * remembered in a cache file, so that a fleet reads each kernel once.
 */
#ifndef SIDECAR_HASH_H
#define SIDECAR_HASH_H

#include "util.h"

struct hash {
    char hex[65];
};

struct hash hash_bytes(const void *p, size_t len);

/* Use the cache file `path` from now on; `writable`: add to it. Without this call nothing is
 * remembered. A cache that can't be read or written is no error. */
void hash_cache_open(const char *path, bool writable);

/* The hash of a file from the cache: false if it isn't known, or the file isn't as it was. */
bool hash_cached(const char *path, struct hash *h);

/* Read all of a file in *b (which must be empty), hash it and remember that. 0 or an errno value.
 */
int hash_read(const char *path, struct buf *b, struct hash *h);

/* The hash of a file, from the cache if it's there. 0 or an errno value. */
int hash_file(const char *path, struct hash *h);

/* The hash of a file, from its content and nothing else: a bit that rots changes no date. 0 or an
 * errno value. */
int hash_anew(const char *path, struct hash *h);

/* Hash names and contents of all plain files in a directory and remember it. 0 or an errno value.
 */
int hash_dir(const char *path, struct hash *h);

#endif
