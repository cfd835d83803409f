// SPDX-License-Identifier: MIT
#include "kernel.h"

#include <elf.h>
#include <string.h>

/* Offsets of the Linux x86 boot header that we need (Documentation/x86/boot.rst). */
enum {
    SETUP_SECTS = 0x1f1,
    HDRS_MAGIC = 0x202,
    PROTOCOL = 0x206,
    PAYLOAD_OFFSET = 0x248,
    PAYLOAD_LENGTH = 0x24c,
    HEADER_END = 0x250,
};

static bool is_elf(const uint8_t *p, size_t len)
{
    return len >= SELFMAG && !memcmp(p, ELFMAG, SELFMAG);
}

static bool is_bzimage(const uint8_t *p, size_t len)
{
    return len >= HEADER_END && !memcmp(p + HDRS_MAGIC, "HdrS", 4);
}

static char *load_bzimage(const uint8_t *p, size_t len, struct kernel *k)
{
    uint64_t sects = p[SETUP_SECTS] ? p[SETUP_SECTS] : 4;
    uint64_t start = (sects + 1) * 512 + le32(p + PAYLOAD_OFFSET);
    uint64_t n = le32(p + PAYLOAD_LENGTH);
    const char *err;

    if (le16(p + PROTOCOL) < 0x0208)
        return xasprintf(
            "bzImage of boot protocol %u.%02u, older than 2.08 (Linux 2.6.24): it holds no "
            "Xen kernel; use the vmlinux of a Xen build",
            p[PROTOCOL + 1], p[PROTOCOL]);
    if (start > len || n > len - start || n < 4)
        return xasprintf(
            "the bzImage is cut short (%zu bytes, its payload ends at %llu); copy it again", len,
            (unsigned long long)(start + n));
    p += start;
    /* Payloads that aren't compressed (CONFIG_KERNEL_UNCOMPRESSED) are a plain ELF. */
    if (is_elf(p, n)) {
        buf_add(&k->elf, p, n);
        return NULL;
    }
    k->packing = unpack_kind(p, n);
    err = unpack(p, n, &k->elf);
    if (err)
        return xasprintf("payload of the bzImage (%s): %s", k->packing ? k->packing : "unknown",
                         err);
    return NULL;
}

char *kernel_load(const struct buf *file, struct kernel *k)
{
    struct buf plain = {0};
    const uint8_t *p = file->data;
    size_t len = file->len;
    const char *err;
    char *reason;

    *k = (struct kernel){0};
    if (!len)
        return xstrdup("the file is empty");
    if (len >= 2 && p[0] == 0x1f && p[1] == 0x8b) {
        err = unpack(p, len, &plain);
        if (err)
            return xasprintf("gzip file: %s", err);
        p = plain.data;
        len = plain.len;
    }
    if (is_bzimage(p, len)) {
        reason = load_bzimage(p, len, k);
        buf_free(&plain);
        if (reason)
            return reason;
    } else if (is_elf(p, len)) {
        if (plain.data)
            k->elf = plain;
        else
            buf_add(&k->elf, p, len);
    } else {
        buf_free(&plain);
        return xstrdup("neither an ELF image nor a Linux bzImage");
    }
    return xen_kernel_check(k->elf.data, k->elf.len, &k->xen);
}
