// SPDX-License-Identifier: MIT
/* The cache has one line for each file: hash of what stat() says, hash of the content. A file is
 * only remembered when its last change is some seconds old: a change after that can't leave all of
 * size, inode, mtime and ctime as they were. */
#include "hash.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SETTLED   3           /* seconds; file systems with dates of 2 s exist */
#define CACHE_MAX (1UL << 20) /* bytes; then it is begun anew */

static struct buf cache;
static char *cache_path;

static struct hash finish(struct sha256_ctx *c)
{
    uint8_t digest[SHA256_DIGEST_SIZE];
    struct hash h = {{0}};

    sha256_digest(c, sizeof(digest), digest);
    for (size_t i = 0; i < sizeof(digest); i++)
        snprintf(h.hex + 2 * i, 3, "%02x", digest[i]);
    return h;
}

struct hash hash_bytes(const void *p, size_t len)
{
    struct sha256_ctx c;

    sha256_init(&c);
    sha256_update(&c, len, p);
    return finish(&c);
}

/* In pieces: a sidecar is larger than all else the builder holds. */
int hash_anew(const char *path, struct hash *h)
{
    static uint8_t block[1 << 17];
    struct sha256_ctx c;
    ssize_t n;
    int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;

    if (fd < 0)
        return errno;
    sha256_init(&c);
    while ((n = read(fd, block, sizeof(block))) != 0) {
        if (n > 0)
            sha256_update(&c, (size_t)n, block);
        else if (errno != EINTR) {
            err = errno;
            break;
        }
    }
    close(fd);
    *h = finish(&c);
    return err;
}

void hash_cache_open(const char *path, bool writable)
{
    buf_free(&cache);
    if (read_file(path, &cache))
        buf_free(&cache);
    buf_adds(&cache, "");
    free(cache_path);
    cache_path = writable ? xstrdup(path) : NULL;
}

/* What stat() says, as one string; NULL for what isn't a plain file. `newest` gets its last
 * change. */
static char *signature(const char *path, time_t *newest)
{
    struct stat s;

    if (stat(path, &s) || !S_ISREG(s.st_mode))
        return NULL;
    if (newest && s.st_mtime > *newest)
        *newest = s.st_mtime;
    if (newest && s.st_ctime > *newest)
        *newest = s.st_ctime;
    return xasprintf("%llu %llu %lld %lld.%09ld %lld.%09ld", (unsigned long long)s.st_dev,
                     (unsigned long long)s.st_ino, (long long)s.st_size,
                     (long long)s.st_mtim.tv_sec, s.st_mtim.tv_nsec, (long long)s.st_ctim.tv_sec,
                     s.st_ctim.tv_nsec);
}

static bool look_up(const char *sig, struct hash *h)
{
    struct hash key = hash_bytes(sig, strlen(sig));
    const char *line = cache.data ? strstr((char *)cache.data, key.hex) : NULL;

    if (!line || strlen(line) < 130 || line[64] != ' ' || line[129] != '\n' ||
        strspn(line + 65, "0123456789abcdef") != 64)
        return false;
    memcpy(h->hex, line + 65, 64);
    h->hex[64] = 0;
    return true;
}

static void remember(const char *sig, time_t newest, const struct hash *h)
{
    struct hash key = hash_bytes(sig, strlen(sig));
    char *line = xasprintf("%s %s\n", key.hex, h->hex);
    int fd, flags = cache.len > CACHE_MAX ? O_TRUNC : O_APPEND;

    buf_adds(&cache, line);
    /* One write of less than a page: others who append don't cut it in two. If it fails, the next
     * run reads the file again, that's all. */
    if (cache_path && newest + SETTLED < time(NULL)) {
        fd = open(cache_path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);
        if (fd >= 0) {
            if (write(fd, line, strlen(line)) < 0)
                cache_path = NULL;
            close(fd);
        }
    }
    free(line);
}

bool hash_cached(const char *path, struct hash *h)
{
    char *sig = signature(path, NULL);
    bool found = sig && look_up(sig, h);

    free(sig);
    return found;
}

/* Into *b, or without one only hashed. */
static int hash_remembered(const char *path, struct buf *b, struct hash *h)
{
    time_t newest = 0;
    char *before = signature(path, &newest), *after;
    int err = b ? read_file(path, b) : hash_anew(path, h);

    if (!err) {
        if (b)
            *h = hash_bytes(b->data, b->len);
        after = signature(path, NULL);
        if (before && after && !strcmp(before, after))
            remember(before, newest, h);
        free(after);
    }
    free(before);
    return err;
}

int hash_read(const char *path, struct buf *b, struct hash *h)
{
    return hash_remembered(path, b, h);
}

int hash_file(const char *path, struct hash *h)
{
    return hash_cached(path, h) ? 0 : hash_remembered(path, NULL, h);
}

static int not_hidden(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

int hash_dir(const char *path, struct hash *h)
{
    struct dirent **names;
    struct buf sigs = {0}, sums = {0};
    time_t newest = 0;
    int n = scandir(path, &names, not_hidden, alphasort), err = n < 0 ? errno : 0;

    buf_adds(&sigs, "directory\n");
    buf_adds(&sums, "");
    for (int i = 0; i < n; i++) {
        char *file = xasprintf("%s/%s", path, names[i]->d_name), *sig = signature(file, &newest);

        if (sig)
            buf_addf(&sigs, "%s %s\n", names[i]->d_name, sig);
        free(sig);
        free(file);
    }
    if (!err && !look_up((char *)sigs.data, h)) {
        for (int i = 0; i < n && !err; i++) {
            char *file = xasprintf("%s/%s", path, names[i]->d_name);
            struct hash one;
            struct stat s;

            if (!stat(file, &s) && S_ISREG(s.st_mode)) {
                err = hash_anew(file, &one);
                if (!err)
                    buf_addf(&sums, "%s %s\n", names[i]->d_name, one.hex);
            }
            free(file);
        }
        *h = hash_bytes(sums.data, sums.len);
        if (!err)
            remember((char *)sigs.data, newest, h);
    }
    for (int i = 0; i < n; i++)
        free(names[i]);
    if (n >= 0)
        free(names);
    buf_free(&sigs);
    buf_free(&sums);
    return err;
}
