// SPDX-License-Identifier: MIT
/* libxc's format before Xen 4.6.  It has no mark, nothing in it is aligned, and `long` is that of
 * the toolstack that wrote it. */
#include "bytes.h"
#include "formats.h"
#include "localise.h"

#define MAX_BATCH  1024u
#define MAX_CHUNKS 65536u
#define EXT_BYTES  128u
#define PFN_BITS   28

enum {
    VERIFY = -1,
    VCPU_MAP = -2,
    TMEM = -5,
    TMEM_EXTRA = -6,
    TSC_INFO = -7,
    LAST_CHECKPOINT = -9,
    COMPRESSED_DATA = -12,
    ENABLE_COMPRESSION = -13,
    TOOLSTACK = -18,
};

struct stream {
    struct image *img;
    uint64_t at;
    unsigned int longs; /* bytes of one */
    bool ext, xsave;    /* are behind each context */
    bool verify;        /* pages come again, for the receiver to compare */
    uint32_t highest;   /* vCPU of the map */
    uint64_t map_at;    /* 0: none */
};

static bool take32(struct stream *s, uint32_t *v)
{
    uint8_t b[4];

    if (!take(s->img, &s->at, b, sizeof(b)))
        return false;
    *v = le32(b);
    return true;
}

static bool take_long(struct stream *s, uint64_t *v)
{
    uint8_t b[8] = {0};

    if (!take(s->img, &s->at, b, s->longs))
        return false;
    *v = le64(b);
    return true;
}

/* What the saver says of itself; the context that is in it isn't used but for its size. */
static bool chunk(struct stream *s, const uint8_t name[4], uint32_t len)
{
    struct image *img = s->img;

    switch (le32(name)) {
    case 0x75706376: /* vcpu */
        img->width = len == 0x1430 ? 8 : len == 0xaf0 ? 4 : 0;
        if (!img->width)
            return damaged(img, "is of a guest with contexts of %u bytes", len);
        break;
    case 0x76747865: /* extv */
        s->ext = true;
        break;
    case 0x746e6378: /* xcnt */
        s->xsave = true;
        break;
    default:
        break;
    }
    return pass(img, &s->at, len);
}

static bool extended_info(struct stream *s)
{
    struct image *img = s->img;
    uint32_t total, len;
    uint8_t h[8];

    if (!take32(s, &total))
        return false;
    if (total > MAX_CHUNKS)
        return damaged(img, "says %u bytes of itself", total);
    while (total) {
        if (!take(img, &s->at, h, sizeof(h)))
            return false;
        len = le32(h + 4);
        if (total < sizeof(h) || total - sizeof(h) < len)
            return damaged(img, "says more of itself than there is room for");
        total -= (uint32_t)sizeof(h) + len;
        if (!chunk(s, h, len))
            return false;
    }
    return img->width || damaged(img, "doesn't say what guest it is of");
}

/* The guest's size and the frames of its p2m list. */
static bool head(struct stream *s)
{
    struct image *img = s->img;
    uint64_t nr_pages, mark, peek = s->at;
    uint8_t b[8];

    if (!take(img, &peek, b, sizeof(b)))
        return false;
    s->longs = le32(b + 4) ? 4 : 8;
    if (!take_long(s, &nr_pages) || !take_long(s, &mark))
        return false;
    if (!nr_pages || nr_pages > MAX_PAGES || mark != (s->longs == 8 ? ~0ULL : 0xffffffff))
        return fault(img, "isn't a saved PV guest of any Xen from 3.4 on; give the file of xl "
                          "save, xm save or virsh save");
    if (!extended_info(s))
        return false;
    peek = s->at; /* before there is memory for so many pages, their list must be there */
    if (!pass(img, &peek, (nr_pages + words_per_page(img) - 1) / words_per_page(img) * s->longs) ||
        !image_size(img, nr_pages))
        return false;
    for (uint64_t i = 0; i < img->nr_p2m; i++)
        if (!take_long(s, &img->p2m[i]))
            return false;
    return true;
}

static bool batch(struct stream *s, uint32_t count)
{
    struct image *img = s->img;
    uint64_t list = s->at, word;

    if (!pass(img, &s->at, (uint64_t)count * s->longs))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        struct stream l = *s;
        unsigned int type;
        uint64_t data = s->at;

        l.at = list + (uint64_t)i * s->longs;
        if (!take_long(&l, &word))
            return false;
        type = (unsigned int)(word >> PFN_BITS & 15);
        word &= (1u << PFN_BITS) - 1;
        if (has_data(type) && !pass(img, &s->at, PAGE))
            return false;
        /* of one that isn't there the PFN is anything */
        if (type != TYPE_NONE && !s->verify && !image_page(img, word, type, data))
            return false;
    }
    return true;
}

static bool vcpu_map(struct stream *s)
{
    if (!take32(s, &s->highest))
        return false;
    if (s->highest >= MAX_VCPUS)
        return damaged(s->img, "has a vCPU %u", s->highest);
    s->map_at = s->at;
    return pass(s->img, &s->at, (s->highest / 64 + 1) * 8);
}

/* One piece of the middle; *end: it was the last. */
static bool piece(struct stream *s, bool *end)
{
    struct image *img = s->img;
    uint32_t what, len;

    if (!take32(s, &what))
        return false;
    switch ((int)what) {
    case 0:
        *end = true;
        return true;
    case VERIFY:
        s->verify = true;
        return true;
    case VCPU_MAP:
        return vcpu_map(s);
    case TSC_INFO:
        return pass(img, &s->at, 20);
    case LAST_CHECKPOINT:
        return true;
    case TOOLSTACK:
        return take32(s, &len) && pass(img, &s->at, len);
    case TMEM:
    case TMEM_EXTRA:
        return fault(img, "is of a guest with transcendent memory (tmem), which can't be moved; "
                          "use sidecar-switch, which boots it anew");
    case COMPRESSED_DATA:
    case ENABLE_COMPRESSION:
        return fault(img, "is a compressed stream of checkpoints (Remus), which can't be moved; "
                          "save the guest by xl save");
    default:
        if (what <= MAX_BATCH)
            return batch(s, what);
        if ((int)what > -64 && (int)what < 0)
            return fault(img, "has records of an HVM domain (%d); give that of a PV guest",
                         (int)what);
        return damaged(img, "has a piece of the unknown kind %d", (int)what);
    }
}

/* Pages that went away while the others were written. */
static bool unmapped(struct stream *s)
{
    struct image *img = s->img;
    uint32_t count;
    uint64_t pfn;

    if (!take32(s, &count))
        return false;
    for (; count; count--) {
        if (!take_long(s, &pfn))
            return false;
        if (pfn < img->nr_pages)
            img->page[pfn].where = 0;
    }
    return true;
}

static bool vcpu(struct stream *s, unsigned int id)
{
    struct image *img = s->img;
    uint32_t bytes = context_bytes(img);
    struct saved_vcpu *v = image_vcpu(img, id);
    uint8_t h[16];

    if (!v)
        return false;
    v->context = (struct span){.at = s->at, .len = bytes};
    if (!pass(img, &s->at, bytes))
        return false;
    if (s->ext) {
        v->ext = (struct span){.at = s->at, .len = EXT_BYTES};
        if (!pass(img, &s->at, EXT_BYTES))
            return false;
    }
    if (!s->xsave)
        return true;
    if (!take(img, &s->at, h, sizeof(h)))
        return false;
    if (le64(h + 8) > MAX_CHUNKS)
        return damaged(img, "has an XSAVE area of %llu bytes for vCPU %u",
                       (unsigned long long)le64(h + 8), id);
    v->xsave = (struct span){.at = s->at, .len = le32(h + 8)};
    return pass(img, &s->at, v->xsave.len);
}

static bool vcpus(struct stream *s)
{
    uint8_t b[8] = {1}; /* without a map: vCPU 0 */

    for (unsigned int id = 0; id <= s->highest; id++) {
        if (id % 64 == 0 && s->map_at && !take(s->img, &s->map_at, b, sizeof(b)))
            return false;
        if (b[id % 64 / 8] >> id % 8 & 1 && !vcpu(s, id))
            return false;
    }
    return true;
}

bool stream1_read(struct image *img, uint64_t *at)
{
    struct stream s = {.img = img, .at = *at};
    bool end = false;

    img->version = 1;
    if (!head(&s))
        return false;
    while (!end)
        if (!piece(&s, &end))
            return false;
    if (!unmapped(&s) || !vcpus(&s))
        return false;
    img->shared_info = (struct span){.at = s.at, .len = PAGE};
    *at = s.at;
    return pass(img, at, PAGE);
}
