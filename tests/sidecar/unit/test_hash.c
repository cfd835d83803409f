// SPDX-License-Identifier: MIT
/* SHA-256 against FIPS 180-2's examples, and when the cache may be believed. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../../../sidecar/hash.h"

static char dir[] = "/tmp/test_hash.XXXXXX", *file, *cache;

static void write_text(const char *text, time_t age)
{
    struct timespec t[2] = {{.tv_sec = time(NULL) - age}, {.tv_sec = time(NULL) - age}};
    FILE *f = fopen(file, "w");

    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(utimensat(AT_FDCWD, file, t, 0), 0);
}

static void test_vectors(void **s)
{
    static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

    (void)s;
    assert_string_equal(hash_bytes("", 0).hex,
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_string_equal(hash_bytes("abc", 3).hex,
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_string_equal(hash_bytes(two_blocks, sizeof(two_blocks) - 1).hex,
                        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void test_file(void **s)
{
    struct buf b = {0};
    struct hash h, read;

    (void)s;
    write_text("abc", 3600);
    assert_int_equal(hash_file(file, &h), 0);
    assert_string_equal(h.hex, hash_bytes("abc", 3).hex);
    assert_int_equal(hash_read(file, &b, &read), 0);
    assert_string_equal(read.hex, h.hex);
    assert_int_equal(b.len, 3);
    buf_free(&b);
    assert_int_equal(hash_file("/nowhere/at/all", &h), ENOENT);
    assert_int_equal(hash_anew(dir, &h), EISDIR);
}

/* More than is read at once, and not a multiple of it. */
static void test_large(void **s)
{
    size_t n = 1000003;
    char *text = xmalloc(n + 1);
    struct hash h;

    (void)s;
    memset(text, 'x', n);
    text[n] = 0;
    write_text(text, 3600);
    assert_int_equal(hash_anew(file, &h), 0);
    assert_string_equal(h.hex, hash_bytes(text, n).hex);
    free(text);
}

/* A ctime can't be set back, so that a file becomes old only by waiting: SETTLED and one more. */
static void test_cache(void **s)
{
    struct hash h;

    (void)s;
    hash_cache_open(cache, true);
    write_text("abc", 3600);
    assert_int_equal(hash_file(file, &h), 0);
    hash_cache_open(cache, true);        /* as the next process finds it */
    assert_false(hash_cached(file, &h)); /* it just changed: another change might not show */

    sleep(5);
    assert_int_equal(hash_file(file, &h), 0);
    hash_cache_open(cache, true);
    assert_true(hash_cached(file, &h));
    assert_string_equal(h.hex, hash_bytes("abc", 3).hex);
    write_text("abd", 3600); /* same size and mtime */
    assert_false(hash_cached(file, &h));
    assert_int_equal(hash_file(file, &h), 0);
    assert_string_equal(h.hex, hash_bytes("abd", 3).hex);
}

static int make_dir(void **s)
{
    (void)s;
    if (!mkdtemp(dir))
        return -1;
    file = xasprintf("%s/file", dir);
    cache = xasprintf("%s/cache", dir);
    return 0;
}

static int remove_dir(void **s)
{
    (void)s;
    unlink(file);
    unlink(cache);
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_cache),
    };

    return cmocka_run_group_tests_name("hash", tests, make_dir, remove_dir);
}
