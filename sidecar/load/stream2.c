// SPDX-License-Identifier: MIT
/* libxc's format of Xen 4.6 and later: records.  Versions 2 and 3 differ in records that say
 * nothing of a PV guest's state. */
#include "bytes.h"
#include "formats.h"

enum {
    END = 0,
    PAGE_DATA = 1,
    PV_INFO = 2,
    P2M_FRAMES = 3,
    VCPU_BASIC = 4,
    VCPU_EXTENDED = 5,
    VCPU_XSAVE = 6,
    SHARED_INFO = 7,
    TSC_INFO = 8,
    HVM_CONTEXT = 9,
    HVM_PARAMS = 10,
    CHECKPOINT = 11,
    VCPU_MSRS = 12,
    VERIFY = 13,
    DIRTY_PFNS = 14,
    DIRTY_BITMAP = 15,
    STATIC_DATA_END = 16,
    CPUID_POLICY = 17,
    MSR_POLICY = 18,
};
#define OPTIONAL (1u << 31)

/* What is kept while the records are read. */
struct stream {
    bool converted; /* from the older format, by Xen's script */
    bool verify;    /* pages come again, for the receiver to compare */
};

static bool headers(struct image *img, uint64_t *at, struct stream *s)
{
    uint8_t h[40];

    if (!take(img, at, h, sizeof(h)))
        return false;
    if (be32(h + 8) != 0x58454e46) /* XENF, after a libxl record */
        return damaged(img, "has no image of a guest where it should be");
    img->version = be32(h + 12);
    if (img->version != 2 && img->version != 3)
        return fault(
            img,
            "is of a newer Xen: version %u, of which 2 and 3 are known; use a newer sidecar-load",
            img->version);
    if (h[17] & 1)
        return damaged(img, "was written by a machine of the other byte order");
    if (le32(h + 24) != 1)
        return fault(img, "is of an HVM domain; give that of a PV guest");
    if (le16(h + 28) != 12)
        return damaged(img, "has pages of 2^%u bytes", le16(h + 28));
    s->converted = !le32(h + 32);
    return true;
}

static bool pv_info(struct image *img, uint64_t at, uint32_t len)
{
    uint8_t b[8];

    if (len != sizeof(b) || img->width)
        return damaged(img, "describes the guest's kind twice, or in %u bytes", len);
    if (!take(img, &at, b, sizeof(b)))
        return false;
    if (!(b[0] == 8 && b[1] == 4) && !(b[0] == 4 && b[1] == 3))
        return damaged(img, "is of a guest with words of %u bytes and %u levels of page tables",
                       b[0], b[1]);
    img->width = b[0];
    return true;
}

static bool p2m_frames(struct image *img, uint64_t at, uint32_t len)
{
    uint8_t b[8];
    uint64_t end;

    if (!img->width)
        return damaged(img, "lists p2m frames before it says what guest it is");
    if (len < sizeof(b) || !take(img, &at, b, sizeof(b)))
        return len >= sizeof(b) ? false : damaged(img, "has a list of p2m frames of %u bytes", len);
    end = le32(b + 4);
    if (le32(b) != 0 || (len - 8) / 8 != end / words_per_page(img) + 1 || len % 8)
        return damaged(img, "lists %u p2m frames for the pages %u to %llu", (len - 8) / 8, le32(b),
                       (unsigned long long)end);
    if (!image_size(img, end + 1))
        return false;
    for (uint64_t i = 0; i < img->nr_p2m; i++) {
        if (!take(img, &at, b, sizeof(b)))
            return false;
        img->p2m[i] = le64(b);
    }
    return true;
}

static bool page_data(struct image *img, uint64_t at, uint32_t len, const struct stream *s)
{
    uint8_t b[8 * 128];
    uint64_t data, end = at + len, entry;
    uint32_t count, n, i;
    unsigned int type;

    if (!img->page)
        return damaged(img, "has pages before it says how many the guest has");
    if (len < 8)
        return damaged(img, "has a record of pages of %u bytes", len);
    if (!take(img, &at, b, 8))
        return false;
    count = le32(b);
    if (!count || count > (len - 8) / 8)
        return damaged(img, "has %u pages in a record of %u bytes", count, len);
    data = at + 8ull * count;
    for (; count; count -= n) {
        n = count < sizeof(b) / 8 ? count : sizeof(b) / 8;
        if (!take(img, &at, b, 8 * n))
            return false;
        for (i = 0; i < n; i++) {
            entry = le64(b + 8 * i);
            type = (unsigned int)(entry >> 60);
            if (entry << 4 >> 56)
                return damaged(img, "has a page entry %#llx", (unsigned long long)entry);
            entry &= (1ULL << 52) - 1;
            /* (in the older format the PFN of a page that isn't there is anything) */
            if (!s->verify && !(s->converted && type == TYPE_NONE) &&
                !image_page(img, entry, type, data))
                return false;
            if (has_data(type))
                data += PAGE;
            if (data > end)
                return damaged(img, "has a record of %u bytes, too few for its pages", len);
        }
    }
    return data == end || damaged(img, "has a record of %u bytes, too many for its pages", len);
}

/* A record of a vCPU: which, 4 bytes of nothing, what is known. */
static bool vcpu(struct image *img, uint32_t type, uint64_t at, uint32_t len)
{
    struct saved_vcpu *v;
    struct span *s;
    uint8_t b[8];

    if (len < sizeof(b))
        return damaged(img, "has a vCPU's record of %u bytes", len);
    if (!take(img, &at, b, sizeof(b)) || !(v = image_vcpu(img, le32(b))))
        return false;
    s = type == VCPU_BASIC      ? &v->context
        : type == VCPU_EXTENDED ? &v->ext
        : type == VCPU_XSAVE    ? &v->xsave
                                : &v->msrs;
    if (s->len)
        return damaged(img, "has two records of type %u of vCPU %u", type, le32(b));
    *s = (struct span){.at = at, .len = len - 8};
    return true;
}

static bool record(struct image *img, uint32_t type, uint64_t at, uint32_t len, struct stream *s)
{
    switch (type) {
    case PAGE_DATA:
        return page_data(img, at, len, s);
    case PV_INFO:
        return pv_info(img, at, len);
    case P2M_FRAMES:
        return p2m_frames(img, at, len);
    case VCPU_BASIC:
    case VCPU_EXTENDED:
    case VCPU_XSAVE:
    case VCPU_MSRS:
        return vcpu(img, type, at, len);
    case SHARED_INFO:
        if (len != PAGE)
            return damaged(img, "has a shared_info page of %u bytes", len);
        img->shared_info = (struct span){.at = at, .len = len};
        return true;
    case VERIFY:
        s->verify = true;
        return true;
    case TSC_INFO:
    case STATIC_DATA_END:
    case MSR_POLICY:
        return true;
    case CPUID_POLICY:
        img->cpuid = (struct span){.at = at, .len = len};
        return true;
    case HVM_CONTEXT:
    case HVM_PARAMS:
        return fault(img, "has records of an HVM domain; give that of a PV guest");
    case CHECKPOINT:
    case DIRTY_PFNS:
    case DIRTY_BITMAP:
        return fault(img, "is a stream of checkpoints (Remus, COLO), which can't be moved; save "
                          "the guest by xl save");
    default:
        return type & OPTIONAL ? true : damaged(img, "has a record of the unknown type %#x", type);
    }
}

bool stream2_read(struct image *img, uint64_t *at)
{
    uint8_t h[8];
    uint32_t type, len;
    uint64_t body;
    struct stream s = {0};

    if (!headers(img, at, &s))
        return false;
    for (;;) {
        if (!take(img, at, h, sizeof(h)))
            return false;
        type = le32(h), len = le32(h + 4);
        if (len > MAX_RECORD)
            return damaged(img, "has a record of %u bytes", len);
        if (type == END)
            return true;
        body = *at;
        if (!pass(img, at, ((uint64_t)len + 7) & ~7ULL) || !record(img, type, body, len, &s))
            return false;
    }
}
