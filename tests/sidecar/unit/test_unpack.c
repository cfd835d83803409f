// SPDX-License-Identifier: MIT
/* Every compression: what the usual tool packs we unpack, cut at any place it is refused, and no
 * flipped bit makes us read or write out of bounds (ASan watches). */
#include "test.h"

#include <stdio.h>

#include "../../../sidecar/unpack.h"

static struct buf plain;

static void make_plain(void)
{
    /* Larger than one lz4 block (8 MiB), and mostly repetitive, as kernels are. */
    for (uint32_t i = 0; plain.len < 9u << 20; i++)
        buf_addf(&plain, "%x line of text\n", i * 2654435761u >> (i % 7));
}

/* Packed by the tool in `command`, or empty if the tool isn't there. */
static struct buf pack_by(const char *command)
{
    char *path = getenv("UNPACK_TMP"),
         *cmd = xasprintf("%s < %s/plain > %s/packed 2>/dev/null", command, path, path);
    char *name = xasprintf("%s/packed", path);
    struct buf b = {0};

    if (!system(cmd))
        assert_int_equal(read_file(name, &b), 0);
    free(cmd);
    free(name);
    return b;
}

static void check(struct buf *packed, const char *kind)
{
    struct buf out = {0};

    assert_string_equal(unpack_kind(packed->data, packed->len), kind);
    assert_null(unpack(packed->data, packed->len, &out));
    assert_int_equal(out.len, plain.len);
    assert_memory_equal(out.data, plain.data, plain.len);
    buf_free(&out);
}

static void roundtrip(const char *command, const char *kind)
{
    struct buf packed = pack_by(command), exact = {0}, out = {0};
    uint8_t size[4] = {(uint8_t)plain.len, (uint8_t)(plain.len >> 8), (uint8_t)(plain.len >> 16),
                       (uint8_t)(plain.len >> 24)};
    size_t len = packed.len;

    if (!len) {
        print_message("no tool: %s\n", command);
        skip();
    }
    check(&packed, kind);
    /* Linux appends the unpacked size. */
    buf_add(&packed, size, 4);
    check(&packed, kind);
    /* Cut short; an allocation of the exact size lets ASan see the first byte read too far. */
    for (size_t cut = 8; cut < len; cut += len / 13) {
        buf_free(&out);
        buf_free(&exact);
        exact.data = xmalloc(cut);
        exact.cap = exact.len = cut;
        memcpy(exact.data, packed.data, cut);
        /* lz4's legacy frame has no end mark: cut between two blocks it is just shorter. */
        if (!unpack(exact.data, cut, &out))
            assert_true(!strcmp(kind, "lz4") && out.len < plain.len);
    }
    for (unsigned i = 0; i < 40; i++) {
        buf_free(&out);
        buf_free(&exact);
        buf_add(&exact, packed.data, len);
        exact.data[i < 20 ? i + 5 : (size_t)(i - 19) * (len / 22)] ^= (uint8_t)(1u << i % 8);
        unpack(exact.data, len, &out);
    }
    buf_free(&out);
    buf_free(&exact);
    buf_free(&packed);
}

static void test_gzip(void **s)
{
    (void)s, roundtrip("gzip", "gzip");
}
static void test_bzip2(void **s)
{
    (void)s, roundtrip("bzip2", "bzip2");
}
static void test_xz(void **s)
{
    (void)s, roundtrip("xz -0 --check=crc32", "xz");
}
static void test_xz_bcj(void **s)
{
    (void)s, roundtrip("xz --check=crc32 --x86 --lzma2=preset=0,dict=32MiB", "xz");
}
static void test_lzma(void **s)
{
    (void)s, roundtrip("xz -0 --format=lzma", "lzma");
}
static void test_zstd(void **s)
{
    (void)s, roundtrip("zstd -3", "zstd");
}
static void test_zstd_window(void **s)
{
    (void)s, roundtrip("zstd -3 --long=27", "zstd");
}
static void test_lz4(void **s)
{
    (void)s, roundtrip("lz4 -l -1", "lz4");
}
static void test_lzo(void **s)
{
    (void)s, roundtrip("lzop -1", "lzo");
}

/* Packs it twice: it's read again, and the bytes are the same. Returns how many. */
static size_t ours(void (*pack)(const uint8_t *p, size_t len, struct buf *out), const char *kind)
{
    struct buf packed = {0}, again = {0};
    size_t len;

    pack(plain.data, plain.len, &packed);
    check(&packed, kind);
    pack(plain.data, plain.len, &again);
    assert_int_equal(packed.len, again.len);
    assert_memory_equal(packed.data, again.data, packed.len);
    len = packed.len;
    buf_free(&packed);
    buf_free(&again);
    return len;
}

static void test_our_gzip(void **s)
{
    (void)s, ours(pack_gzip, "gzip");
}

static void test_our_lzo(void **s)
{
    static const uint8_t noise[] = "1a2b3c"; /* shorter packed it isn't */
    struct buf packed = {0}, out = {0};

    (void)s;
    assert_true(ours(pack_lzo, "lzo") < plain.len / 2);
    pack_lzo(noise, sizeof(noise), &packed);
    assert_null(unpack(packed.data, packed.len, &out));
    assert_int_equal(out.len, sizeof(noise));
    assert_memory_equal(out.data, noise, sizeof(noise));
    buf_free(&packed);
    buf_free(&out);
}

static void test_unknown(void **s)
{
    struct buf out = {0};

    (void)s;
    assert_null(unpack_kind((const uint8_t *)"", 0));
    assert_null(unpack_kind((const uint8_t *)"\x1f", 1));
    assert_non_null(unpack((const uint8_t *)"hello", 5, &out));
    buf_free(&out);
}

/* A header that asks for a dictionary of 2 GiB. */
static void test_lzma_hungry(void **s)
{
    static const uint8_t p[64] = {0x5d, 0,    0,    0,    0x80, 0xff, 0xff,
                                  0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct buf out = {0};

    (void)s;
    assert_string_equal(unpack_kind(p, sizeof(p)), "lzma");
    assert_non_null(strstr(unpack(p, sizeof(p), &out), "192 MiB"));
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gzip),     cmocka_unit_test(test_bzip2),
        cmocka_unit_test(test_xz),       cmocka_unit_test(test_xz_bcj),
        cmocka_unit_test(test_lzma),     cmocka_unit_test(test_lzma_hungry),
        cmocka_unit_test(test_zstd),     cmocka_unit_test(test_zstd_window),
        cmocka_unit_test(test_lz4),      cmocka_unit_test(test_lzo),
        cmocka_unit_test(test_our_gzip), cmocka_unit_test(test_our_lzo),
        cmocka_unit_test(test_unknown),
    };
    char dir[] = "/tmp/unpack.XXXXXX", *path, *cmd;
    FILE *f;
    int rc;

    make_plain();
    if (!mkdtemp(dir))
        return 1;
    setenv("UNPACK_TMP", dir, 1);
    path = xasprintf("%s/plain", dir);
    f = fopen(path, "w");
    if (!f || fwrite(plain.data, 1, plain.len, f) != plain.len || fclose(f))
        return 1;
    rc = cmocka_run_group_tests_name("unpack", tests, NULL, NULL);
    cmd = xasprintf("rm -r %s", dir);
    if (system(cmd))
        rc = 1;
    free(cmd);
    free(path);
    buf_free(&plain);
    return rc;
}
