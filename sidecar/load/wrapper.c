// SPDX-License-Identifier: MIT
/* What xl, xend and libvirt lay around libxc's image, and libxl's own records. */
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "formats.h"

static const char xl_magic[32] = "Xen saved domain, xl format\n \0 \r";
static const char xend_magic[16] = "LinuxGuestRecord";
static const char virsh_magic[16] = "libvirt-xml\n \0 \r";
static const char libxl_magic[8] = "LibxlFmt";
static const char mark[8] = "\xff\xff\xff\xff\xff\xff\xff\xff"; /* then "XENF" */

#define MAX_CONFIG (64u << 20) /* of a domain's configuration */

static bool xl_header(struct image *img, uint64_t *at)
{
    uint8_t h[16];
    uint32_t flags;

    if (!take(img, at, h, sizeof(h)))
        return false;
    if (le32(h) != 0x01020304)
        return damaged(img, "was written by a machine of the other byte order");
    flags = le32(h + 4);
    if (flags & ~3u)
        return fault(img,
                     "is of a newer xl: mandatory flags %#x, of which bits 0 and 1 are known; use "
                     "a newer sidecar-load",
                     flags);
    return pass(img, at, le32(h + 12));
}

static bool virsh_header(struct image *img, uint64_t *at)
{
    uint8_t h[48];
    uint32_t version;

    if (!take(img, at, h, sizeof(h)))
        return false;
    version = le32(h);
    if (version < 1 || version > 2)
        return fault(img,
                     "is of a newer libvirt: version %u, of which 1 and 2 are known; use a newer "
                     "sidecar-load",
                     version);
    if (le32(h + 4) > MAX_CONFIG)
        return damaged(img, "has a definition of %u bytes", le32(h + 4));
    return pass(img, at, le32(h + 4));
}

bool wrapper_read(struct image *img, uint64_t *at, enum format *format)
{
    uint8_t h[32] = {0};
    uint64_t peek = 0, size = img->src->size;

    if (!take(img, &peek, h, size < sizeof(h) ? (size_t)size : sizeof(h)))
        return false;
    if (!memcmp(h, xl_magic, sizeof(xl_magic))) {
        img->wrapper = "xl";
        *at = sizeof(xl_magic);
        if (!xl_header(img, at))
            return false;
    } else if (!memcmp(h, virsh_magic, sizeof(virsh_magic))) {
        img->wrapper = "libvirt";
        *at = sizeof(virsh_magic);
        if (!virsh_header(img, at))
            return false;
    } else if (!memcmp(h, xend_magic, sizeof(xend_magic))) {
        img->wrapper = "xend";
        *at = sizeof(xend_magic) + 4;
        if (be32(h + 16) > MAX_CONFIG)
            return damaged(img, "has a configuration of %u bytes", be32(h + 16));
        if (!pass(img, at, be32(h + 16)))
            return false;
    } else {
        img->wrapper = "none";
    }
    peek = *at;
    if (!take(img, &peek, h, 12))
        return false;
    if (!memcmp(h, libxl_magic, sizeof(libxl_magic)))
        *format = FORMAT_LIBXL;
    else if (!memcmp(h, mark, sizeof(mark)) && !memcmp(h + 8, "XENF", 4))
        *format = FORMAT_XENF;
    else
        *format = FORMAT_OLD;
    return true;
}

/* libxl's records */
enum { END, LIBXC_CONTEXT, EMULATOR_XENSTORE, EMULATOR_CONTEXT, CHECKPOINT_END, CHECKPOINT_STATE };

bool libxl_read(struct image *img, uint64_t at)
{
    uint8_t h[16];
    uint32_t type, len;
    bool seen = false;

    if (!take(img, &at, h, sizeof(h)))
        return false;
    if (be32(h + 8) != 2)
        return fault(
            img, "is of a newer libxl: version %u, of which 2 is known; use a newer sidecar-load",
            be32(h + 8));
    if (be32(h + 12) & 1)
        return damaged(img, "was written by a machine of the other byte order");
    for (;;) {
        if (!take(img, &at, h, 8))
            return false;
        type = le32(h), len = le32(h + 4);
        switch (type) {
        case END:
            return seen || damaged(img, "has no image of a guest in it");
        case LIBXC_CONTEXT:
            if (seen || len)
                return damaged(img, "has more than one image in it");
            if (!stream2_read(img, &at))
                return false;
            seen = true;
            break;
        case EMULATOR_XENSTORE:
        case EMULATOR_CONTEXT:
            if (!pass(img, &at, ((uint64_t)len + 7) & ~7ULL))
                return false;
            break;
        case CHECKPOINT_END:
        case CHECKPOINT_STATE:
            return fault(img, "is a stream of checkpoints (Remus, COLO), which can't be moved; "
                              "save the guest by xl save");
        default:
            return damaged(img, "has a record of libxl's unknown type %#x", type);
        }
    }
}
