// SPDX-License-Identifier: MIT
#include "unpack.h"

#include <bzlib.h>
#include <lz4.h>
#include <lzma.h>
#include <lzo/lzo1x.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#define CHUNK ((size_t)1 << 22)

static const char too_big[] = "unpacks to more than 1 GiB";
static const char cut_short[] = "the stream is cut short";
static const char damaged[] = "the stream is damaged";
static const char too_hungry[] =
    "takes more than 192 MiB of memory to unpack; pack it with a smaller dictionary";

/* Room for one more chunk, or false when the limit is reached. */
static bool grow(struct buf *out)
{
    if (out->len >= UNPACK_MAX)
        return false;
    buf_reserve(out, CHUNK);
    return true;
}

static const char *unpack_gzip(const uint8_t *p, size_t len, struct buf *out)
{
    z_stream z = {.next_in = (uint8_t *)p, .avail_in = (uInt)len};
    const char *err = NULL;
    int rc = Z_OK;

    if (inflateInit2(&z, 15 + 16) != Z_OK)
        return damaged;
    while (rc != Z_STREAM_END && !err) {
        if (!grow(out)) {
            err = too_big;
            break;
        }
        z.next_out = out->data + out->len;
        z.avail_out = (uInt)(out->cap - out->len - 1);
        rc = inflate(&z, Z_NO_FLUSH);
        out->len = (size_t)(z.next_out - out->data);
        if (rc == Z_BUF_ERROR || (rc == Z_OK && z.avail_in == 0 && z.avail_out))
            err = cut_short;
        else if (rc != Z_OK && rc != Z_STREAM_END)
            err = damaged;
    }
    inflateEnd(&z);
    return err;
}

static const char *unpack_bzip2(const uint8_t *p, size_t len, struct buf *out)
{
    bz_stream z = {.next_in = (char *)p, .avail_in = (unsigned)len};
    const char *err = NULL;
    int rc = BZ_OK;

    if (BZ2_bzDecompressInit(&z, 0, 0) != BZ_OK)
        return damaged;
    while (rc != BZ_STREAM_END && !err) {
        if (!grow(out)) {
            err = too_big;
            break;
        }
        z.next_out = (char *)out->data + out->len;
        z.avail_out = (unsigned)(out->cap - out->len - 1);
        rc = BZ2_bzDecompress(&z);
        out->len = (size_t)((uint8_t *)z.next_out - out->data);
        if (rc == BZ_OK && z.avail_in == 0 && z.avail_out)
            err = cut_short;
        else if (rc != BZ_OK && rc != BZ_STREAM_END)
            err = damaged;
    }
    BZ2_bzDecompressEnd(&z);
    return err;
}

/* Dictionaries of up to 64 MiB are usual (xz -9), 128 MiB possible in Linux; a header may ask for
 * 4 GiB, and may come from the disk of a guest. */
#define LZMA_MEMORY ((uint64_t)192 << 20)

/* xz, and the older .lzma whose header may name no size. */
static const char *unpack_lzma(const uint8_t *p, size_t len, struct buf *out, bool alone)
{
    lzma_stream z = LZMA_STREAM_INIT;
    const char *err = NULL;
    lzma_ret rc;

    rc = alone ? lzma_alone_decoder(&z, LZMA_MEMORY) : lzma_stream_decoder(&z, LZMA_MEMORY, 0);
    if (rc != LZMA_OK)
        return damaged;
    z.next_in = p;
    z.avail_in = len;
    while (rc != LZMA_STREAM_END && !err) {
        if (!grow(out)) {
            err = too_big;
            break;
        }
        z.next_out = out->data + out->len;
        z.avail_out = out->cap - out->len - 1;
        rc = lzma_code(&z, LZMA_RUN);
        out->len = (size_t)(z.next_out - out->data);
        if (rc == LZMA_BUF_ERROR || (rc == LZMA_OK && z.avail_in == 0 && z.avail_out))
            err = cut_short;
        else if (rc == LZMA_MEMLIMIT_ERROR)
            err = too_hungry;
        else if (rc != LZMA_OK && rc != LZMA_STREAM_END)
            err = damaged;
    }
    lzma_end(&z);
    return err;
}

static const char *unpack_zstd(const uint8_t *p, size_t len, struct buf *out)
{
    ZSTD_DStream *z = ZSTD_createDStream();
    ZSTD_inBuffer in = {p, len, 0};
    const char *err = NULL;
    size_t rc = 1;

    if (!z)
        return damaged;
    /* Linux packs with a window of up to 128 MiB. */
    ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, 27);
    while (rc != 0 && !err) {
        ZSTD_outBuffer o;

        if (!grow(out)) {
            err = too_big;
            break;
        }
        o = (ZSTD_outBuffer){out->data + out->len, out->cap - out->len - 1, 0};
        rc = ZSTD_decompressStream(z, &o, &in);
        out->len += o.pos;
        if (ZSTD_isError(rc))
            err = damaged;
        else if (rc != 0 && in.pos == in.size && o.pos < o.size)
            err = cut_short;
    }
    ZSTD_freeDStream(z);
    return err;
}

/* The legacy frame: magic, then blocks of (LE32 packed size, data), each 8 MiB when unpacked.
 * It has no end mark. In a bzImage the last 4 bytes are the unpacked size of the whole, which reads
 * like one more block header; a block that doesn't fit in what is left is therefore the end, if
 * what we have so far is as long as that size says (or if exactly nothing is left). */
static const char *unpack_lz4(const uint8_t *p, size_t len, struct buf *out)
{
    const size_t block = (size_t)8 << 20;
    size_t pos = 4;

    while (len - pos >= 4) {
        uint32_t n = le32(p + pos);
        int got;

        if (len - pos == 4 && n == out->len)
            break;
        pos += 4;
        if (n == 0x184c2102) /* the next frame of a concatenation */
            continue;
        if (n > len - pos)
            return cut_short;
        if (out->len >= UNPACK_MAX)
            return too_big;
        buf_reserve(out, block);
        got = LZ4_decompress_safe((const char *)p + pos, (char *)out->data + out->len, (int)n,
                                  (int)block);
        if (got < 0)
            return damaged;
        out->len += (size_t)got;
        pos += n;
    }
    return out->len ? NULL : cut_short;
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The lzop container: 9 bytes of magic, a header of variable length, then blocks of
 * (BE32 unpacked size, BE32 packed size, checksums, data) until an unpacked size of 0. */
static const char *unpack_lzo(const uint8_t *p, size_t len, struct buf *out)
{
    enum { ADLER_D = 1, ADLER_C = 2, CRC_D = 0x100, CRC_C = 0x200, FILTER = 0x800 };
    size_t pos = 9;
    uint16_t version;
    uint32_t flags;

    if (len < 9 + 2 + 2 + 2 + 1 + 1 + 4)
        return cut_short;
    version = (uint16_t)(p[9] << 8 | p[10]);
    pos += version >= 0x0940 ? 8 : 5; /* versions, method, and a level byte since 0.94 */
    flags = be32(p + pos);
    pos += 4;
    if (flags & FILTER)
        pos += 4;
    pos += version >= 0x0940 ? 12 : 8; /* mode, mtime */
    if (pos >= len || pos + 1 + p[pos] + 4 > len)
        return cut_short;
    pos += 1u + p[pos] + 4; /* name, header checksum */
    for (;;) {
        uint32_t dst, src;
        lzo_uint got;
        size_t sums;

        if (len - pos < 4)
            return cut_short;
        dst = be32(p + pos);
        if (dst == 0)
            return NULL;
        if (len - pos < 8)
            return cut_short;
        src = be32(p + pos + 4);
        pos += 8;
        sums = 4u * (!!(flags & ADLER_D) + !!(flags & CRC_D));
        if (src < dst)
            sums += 4u * (!!(flags & ADLER_C) + !!(flags & CRC_C));
        if (sums > len - pos || src > len - pos - sums)
            return cut_short;
        pos += sums;
        if (src > dst || dst > (64u << 20))
            return damaged;
        if (out->len + dst > UNPACK_MAX)
            return too_big;
        buf_reserve(out, dst);
        got = dst;
        if (src == dst)
            memcpy(out->data + out->len, p + pos, dst);
        else if (lzo1x_decompress_safe(p + pos, src, out->data + out->len, &got, NULL) !=
                     LZO_E_OK ||
                 got != dst)
            return damaged;
        out->len += dst;
        pos += src;
    }
}

static const struct {
    const char *name;
    uint8_t magic[6];
    unsigned n;
} kinds[] = {
    {"gzip", {0x1f, 0x8b}, 2},
    {"bzip2", {'B', 'Z', 'h'}, 3},
    {"xz", {0xfd, '7', 'z', 'X', 'Z', 0}, 6},
    {"zstd", {0x28, 0xb5, 0x2f, 0xfd}, 4},
    {"lzma", {0x5d, 0}, 2},
    {"lzo", {0x89, 'L', 'Z', 'O', 0}, 5},
    {"lz4", {0x02, 0x21, 0x4c, 0x18}, 4},
};

const char *unpack_kind(const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (len >= kinds[i].n && !memcmp(p, kinds[i].magic, kinds[i].n))
            return kinds[i].name;
    return NULL;
}

const char *unpack(const uint8_t *p, size_t len, struct buf *out)
{
    const char *kind = unpack_kind(p, len), *err;

    if (!kind)
        return "the compression isn't one of gzip, bzip2, xz, zstd, lzma, lzo, lz4";
    if (len > UNPACK_MAX)
        return too_big;
    if (!strcmp(kind, "gzip"))
        err = unpack_gzip(p, len, out);
    else if (!strcmp(kind, "bzip2"))
        err = unpack_bzip2(p, len, out);
    else if (!strcmp(kind, "xz"))
        err = unpack_lzma(p, len, out, false);
    else if (!strcmp(kind, "lzma"))
        err = unpack_lzma(p, len, out, true);
    else if (!strcmp(kind, "zstd"))
        err = unpack_zstd(p, len, out);
    else if (!strcmp(kind, "lzo"))
        err = unpack_lzo(p, len, out);
    else
        err = unpack_lz4(p, len, out);
    buf_reserve(out, 1);
    out->data[out->len] = 0;
    return err;
}
