// SPDX-License-Identifier: MIT
#include "output.h"
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

void store_open(struct store *s, const char *dir, bool write)
{
    char *hashes;
    int fd;

    s->dir = xasprintf("%s/.sidecars", dir);
    hashes = xasprintf("%s/hashes", s->dir);
    if (write) {
        if (mkdir(s->dir, 0755) && errno != EEXIST)
            die(EXIT_ENVIRONMENT, "%s: %s; name a directory you may write to by -o", dir,
                strerror(errno));
        /* Held as long as the process lives. */
        fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || flock(fd, LOCK_SH))
            die(EXIT_ENVIRONMENT, "%s: %s", s->dir, strerror(errno));
    }
    hash_cache_open(hashes, write);
    free(hashes);
}

void recipe_add(struct recipe *r, const char *word, const char *value)
{
    if (!r->text.len)
        buf_adds(&r->text, "sidecar 2\n"); /* to be raised when the ISO's form changes */
    buf_addf(&r->text, "%s ", word);
    /* One line each, whatever is in it. */
    for (; *value; value++)
        buf_addf(&r->text, *value == '\n' ? "\\n" : *value == '\\' ? "\\\\" : "%c", *value);
    buf_adds(&r->text, "\n");
}

void recipe_done(struct recipe *r)
{
    r->key = hash_bytes(r->text.data, r->text.len);
}

char *store_path(const struct store *s, const struct hash *key)
{
    char *elf = xasprintf("%s/%s.elf", s->dir, key->hex);

    if (!access(elf, F_OK))
        return elf;
    free(elf);
    return xasprintf("%s/%s.iso", s->dir, key->hex);
}

static char *store_txt(const struct store *s, const struct hash *key)
{
    return xasprintf("%s/%s.txt", s->dir, key->hex);
}

char *store_says(const struct store *s, const struct hash *key, const char *word)
{
    char *path = store_txt(s, key), *value = NULL;
    struct buf text = {0};
    size_t n = strlen(word);

    if (!read_file(path, &text)) {
        for (const char *l = (char *)text.data; l && *l && !value; l = strchr(l, '\n')) {
            l += *l == '\n';
            if (!strncmp(l, word, n) && l[n] == ' ')
                value = xasprintf("%.*s", (int)strcspn(l + n + 1, "\n"), l + n + 1);
        }
    }
    buf_free(&text);
    free(path);
    return value;
}

bool store_has(const struct store *s, const struct hash *key)
{
    char *iso = store_path(s, key), *size = store_says(s, key, "iso-size");
    struct stat st;
    bool has = size && !stat(iso, &st) && st.st_size == strtoll(size, NULL, 10);

    free(iso);
    free(size);
    return has;
}

static bool has_lines(const char *path, const char *const *lines)
{
    struct buf text = {0};
    bool all = !read_file(path, &text) && text.len;

    for (; all && *lines; lines++) {
        char *l = xasprintf("\n%s\n", *lines);

        all = strstr((char *)text.data, l);
        free(l);
    }
    buf_free(&text);
    return all;
}

bool store_find(const struct store *s, const char *const *lines, struct hash *key)
{
    DIR *d = opendir(s->dir);
    struct dirent *e;
    bool found = false;

    while (d && !found && (e = readdir(d))) {
        char *path = xasprintf("%s/%s", s->dir, e->d_name);

        if (strlen(e->d_name) == 68 && !strcmp(e->d_name + 64, ".txt") && has_lines(path, lines)) {
            memcpy(key->hex, e->d_name, 64);
            key->hex[64] = 0;
            found = store_has(s, key);
        }
        free(path);
    }
    if (d)
        closedir(d);
    return found;
}

void store_begin(const struct store *s, const struct hash *key, bool wait, struct output *o)
{
    output_begin(o, s->dir, xasprintf("%s.tmp", key->hex));
    if (!output_lock(o, wait))
        exit(EXIT_BUSY);
}

void store_commit(const struct store *s, const struct recipe *r, struct output *o,
                  const struct buf *facts)
{
    char *iso = output_path(o, "iso");
    struct buf text = {0};
    struct hash sum;
    struct stat st;

    if (hash_file(iso, &sum) || stat(iso, &st))
        die(EXIT_ENVIRONMENT, "%s: %s", iso, strerror(errno));
    buf_add(&text, r->text.data, r->text.len);
    buf_addf(&text, "iso-sha256 %s\niso-size %lld\n", sum.hex, (long long)st.st_size);
    buf_add(&text, facts->data, facts->len);
    output_write(o, "txt", text.data, text.len);
    output_commit(o, "iso", xasprintf("%s%s", r->key.hex, r->ext));
    output_commit(o, "txt", xasprintf("%s.txt", r->key.hex));
    output_end(o);
    buf_free(&text);
    free(iso);
    (void)s;
}

static void copy(const char *from, const char *to)
{
    int in = open(from, O_RDONLY | O_CLOEXEC),
        out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    ssize_t n = -1;

    if (in >= 0 && out >= 0)
        while ((n = sendfile(out, in, NULL, 1 << 20)) > 0)
            ;
    if (n < 0)
        die(EXIT_ENVIRONMENT, "%s: %s", to, strerror(errno));
    close(in);
    close(out);
}

void store_link(const struct store *s, const struct hash *key, const struct output *o,
                const char *file)
{
    char *from = store_path(s, key), *to = output_path(o, file);

    if (link(from, to)) {
        if (errno != EPERM && errno != EOPNOTSUPP && errno != EMLINK && errno != ENOSYS)
            die(EXIT_ENVIRONMENT, "%s: %s", to, strerror(errno));
        copy(from, to);
    }
    free(from);
    free(to);
}

/* Remove the work directories of conversions that were killed: they hold links to sidecars. */
static void sweep(const char *dir)
{
    DIR *d = opendir(dir);
    struct dirent *e;

    while (d && (e = readdir(d))) {
        if (*e->d_name == '.' && ends_with(e->d_name, "-sidecar.tmp"))
            output_sweep(dir, e->d_name);
    }
    if (d)
        closedir(d);
}

/* The text first: without it the ISO doesn't count as whole. */
static void remove_sidecar(const struct store *s, const char *iso)
{
    char *path = xasprintf("%s/%s", s->dir, iso), *txt = xstrdup(path);

    memcpy(txt + strlen(txt) - 3, "txt", 3);
    if ((unlink(txt) && errno != ENOENT) || unlink(path))
        die(EXIT_ENVIRONMENT, "%s: %s", path, strerror(errno));
    free(txt);
    free(path);
}

/* By the end of a name in the store. */
static bool is_sidecar(const char *end)
{
    return !strcmp(end, ".iso") || !strcmp(end, ".elf");
}

static bool in_use(const struct stat *st, const char *iso, const struct hash *used, size_t n)
{
    bool is = st->st_nlink > 1;

    for (size_t i = 0; i < n && !is; i++)
        is = !strncmp(used[i].hex, iso, 64);
    return is;
}

size_t store_prune(const struct store *s, const struct hash *used, size_t n, bool dry,
                   uint64_t *bytes)
{
    DIR *d = opendir(s->dir);
    struct dirent *e;
    size_t count = 0;

    *bytes = 0;
    if (!d && errno == ENOENT)
        return 0;
    if (!d || (!dry && flock(dirfd(d), LOCK_EX | LOCK_NB)))
        die(EXIT_ENVIRONMENT, "%s: %s", s->dir,
            errno == EWOULDBLOCK ? "another mk-sidecar is at work; try again when it's done"
                                 : strerror(errno));
    if (!dry)
        sweep(xasprintf("%.*s", (int)(strrchr(s->dir, '/') - s->dir), s->dir));
    while ((e = readdir(d))) {
        size_t len = strlen(e->d_name);
        char *path = xasprintf("%s/%s", s->dir, e->d_name);
        const char *end = len == 68 ? e->d_name + 64 : "";
        struct stat st;

        if (!strcmp(end, ".tmp") && !dry) {
            output_empty_dir(path);
            rmdir(path);
        } else if (is_sidecar(end) && !stat(path, &st) && !in_use(&st, e->d_name, used, n)) {
            count++;
            *bytes += (uint64_t)st.st_size;
            if (!dry)
                remove_sidecar(s, e->d_name);
        } else if (!strcmp(end, ".txt") && !dry) {
            struct hash key = {0};
            char *sidecar;

            memcpy(key.hex, e->d_name, 64);
            sidecar = store_path(s, &key);
            if (access(sidecar, F_OK))
                unlink(path);
            free(sidecar);
        }
        free(path);
    }
    closedir(d);
    return count;
}
