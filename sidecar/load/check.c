// SPDX-License-Identifier: MIT
#include "check.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <xen/foreign/x86_32.h>
#include <xen/foreign/x86_64.h>

#include "bytes.h"
#include "features.h"
#include "localise.h"

#define XSAVE_MIN     576 /* legacy area and header */
#define XSAVE_MAX     (16u << 10)
#define MAX_MSRS      16
#define MSR_SPEC_CTRL 0x48
#define MSR_TSC_AUX   0xc0000103
#define EXT_BYTES     128 /* of a record of XEN_DOMCTL_get_ext_vcpucontext, at most; 30 are used */

static bool read_page(struct image *img, uint64_t pfn, void *to)
{
    uint64_t at = page_at(&img->page[pfn]);

    return take(img, &at, to, PAGE);
}

bool xsave_head(struct image *img, const struct saved_vcpu *v, struct xsave_head *h)
{
    uint8_t b[16];
    uint64_t at = v->xsave.at;

    *h = (struct xsave_head){0};
    if (v->xsave.len < sizeof(b))
        return true;
    if (!take(img, &at, b, sizeof(b)))
        return false;
    h->xcr0 = le64(b), h->accum = le64(b + 8);
    return true;
}

static bool xsave_check(struct image *img, unsigned int id, const struct saved_vcpu *v)
{
    struct xsave_head h;
    uint8_t b[64];
    uint64_t at = v->xsave.at + 16 + 512;

    if (!v->xsave.len)
        return true;
    if (v->xsave.len < 16 + XSAVE_MIN || v->xsave.len > 16 + XSAVE_MAX)
        return damaged(img, "has an XSAVE area of %u bytes for vCPU %u", v->xsave.len, id);
    if (!xsave_head(img, v, &h) || !take(img, &at, b, sizeof(b)))
        return false;
    /* XSTATE_BV; XCOMP_BV is 0 in the standard form */
    if (!(h.xcr0 & 1) || h.xcr0 & ~h.accum || le64(b) & ~h.accum || le64(b + 8))
        return damaged(img, "has an XSAVE area for vCPU %u that contradicts itself", id);
    return true;
}

/* A nonzero value must be of those that the shim can give back to the guest. */
static bool msrs_check(struct image *img, unsigned int id, const struct saved_vcpu *v)
{
    uint64_t at = v->msrs.at;
    uint8_t b[16];

    if (v->msrs.len % sizeof(b) || v->msrs.len / sizeof(b) > MAX_MSRS)
        return damaged(img, "has %u bytes of MSRs for vCPU %u", v->msrs.len, id);
    for (uint32_t i = 0; i < v->msrs.len / sizeof(b); i++) {
        if (!take(img, &at, b, sizeof(b)))
            return false;
        if (le64(b + 8) && le32(b) != MSR_SPEC_CTRL && le32(b) != MSR_TSC_AUX)
            return fault(img,
                         "has a value in MSR %#x, which the shim can't give to it again; use "
                         "sidecar-switch, which boots it anew",
                         le32(b));
    }
    return true;
}

static bool vcpu_check(struct image *img, unsigned int id, struct saved_vcpu *v)
{
    union context c;
    uint64_t at = v->context.at;

    if (v->context.len != context_bytes(img))
        return damaged(img, "has a context of %u bytes for vCPU %u", v->context.len, id);
    if (v->ext.len && (v->ext.len < 30 || v->ext.len > EXT_BYTES))
        return damaged(img, "has an extended context of %u bytes for vCPU %u", v->ext.len, id);
    /* a header alone: nothing was ever loaded */
    if (v->xsave.len == 16)
        v->xsave.len = 0;
    if (!msrs_check(img, id, v) || !xsave_check(img, id, v) ||
        !take(img, &at, &c, v->context.len) || !context_check(img, id, &c))
        return false;
    if (id == 0) {
        img->start_info = context_start_info(img, &c);
        img->low_l3 = context_low_l3(img, &c);
    }
    return true;
}

static bool vcpus_check(struct image *img)
{
    for (unsigned int id = 0; img->vcpu && id < MAX_VCPUS; id++) {
        if (!img->vcpu[id].context.len)
            continue;
        if (!vcpu_check(img, id, &img->vcpu[id]))
            return false;
        img->nr_vcpus++;
        img->highest_vcpu = id;
    }
    if (!img->vcpu || !img->vcpu[0].context.len)
        return damaged(img, "has no vCPU 0");
    return true;
}

/* A page of the guest's own that isn't a page table. */
static bool ordinary(const struct image *img, uint64_t pfn)
{
    return pfn < img->nr_pages && page_type(&img->page[pfn]) == TYPE_DATA;
}

static bool start_info_check(struct image *img)
{
    union {
        uint64_t align;
        uint8_t bytes[PAGE];
    } p;
    const start_info_x86_64_t *s64 = (const void *)&p;
    const start_info_x86_32_t *s32 = (const void *)&p;

    if (!ordinary(img, img->start_info))
        return damaged(img, "has page %#llx for start_info, which isn't one",
                       (unsigned long long)img->start_info);
    if (!read_page(img, img->start_info, &p))
        return false;
    img->store = img->width == 8 ? s64->store_mfn : s32->store_mfn;
    img->console = img->width == 8 ? s64->console.domU.mfn : s32->console.domU.mfn;
    if (!ordinary(img, img->store) || !ordinary(img, img->console) || img->store == img->console)
        return damaged(img, "has pages %#llx and %#llx for xenstore's and the console's ring",
                       (unsigned long long)img->store, (unsigned long long)img->console);
    return true;
}

static bool events_look(struct image *img)
{
    size_t at = img->width == 8 ? offsetof(shared_info_x86_64_t, evtchn_mask)
                                : offsetof(shared_info_x86_32_t, evtchn_mask);
    size_t n = img->width == 8 ? sizeof(((shared_info_x86_64_t *)0)->evtchn_mask)
                               : sizeof(((shared_info_x86_32_t *)0)->evtchn_mask);
    uint64_t from = img->shared_info.at + at;
    uint8_t mask[512];

    if (!take(img, &from, mask, n))
        return false;
    /* Linux masks each port that it doesn't use, where the mask is looked at */
    img->fifo = true;
    for (size_t i = 0; i < n; i++)
        img->fifo &= !mask[i];
    return true;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* A frame that is in the list more than once holds what isn't there for all its users. */
static bool p2m_shared(struct image *img, const uint64_t *sorted, uint64_t i)
{
    uint64_t pfn = i * words_per_page(img), end = pfn + words_per_page(img);
    const uint64_t *at = bsearch(&img->p2m[i], sorted, img->nr_p2m, sizeof(*sorted), by_value);

    if (!((at > sorted && at[-1] == *at) || (at + 1 < sorted + img->nr_p2m && at[1] == *at)))
        return true;
    for (; pfn < end && pfn < img->nr_pages; pfn++)
        if (is_populated(page_type(&img->page[pfn])))
            return damaged(img, "lists page %#llx twice in the p2m list, with memory in it",
                           (unsigned long long)img->p2m[i]);
    return true;
}

static bool p2m_check(struct image *img)
{
    uint64_t *sorted;
    bool good = true;

    for (uint64_t i = 0; i < img->nr_p2m; i++)
        if (!ordinary(img, img->p2m[i]) || img->p2m[i] == img->store || img->p2m[i] == img->console)
            return damaged(img, "has page %#llx in the p2m list, which isn't one of it",
                           (unsigned long long)img->p2m[i]);
    sorted = malloc(img->nr_p2m * sizeof(*sorted));
    if (!sorted)
        return fault(img, "can't be checked: dom0 has no memory; give dom0 more");
    memcpy(sorted, img->p2m, img->nr_p2m * sizeof(*sorted));
    qsort(sorted, img->nr_p2m, sizeof(*sorted), by_value);
    for (uint64_t i = 0; good && i < img->nr_p2m; i++)
        good = p2m_shared(img, sorted, i);
    free(sorted);
    return good;
}

static bool tables_check(struct image *img)
{
    uint64_t entry[512];

    for (uint64_t pfn = 0; pfn < img->nr_pages; pfn++) {
        unsigned int type = page_type(&img->page[pfn]);

        if (!table_level(type))
            continue;
        img->nr_pins += type > TYPE_PINNED;
        if (!read_page(img, pfn, entry) || !table_check(img, pfn, entry))
            return false;
    }
    for (uint64_t pfn = 0; pfn < img->nr_pages; pfn++)
        img->populated += is_populated(page_type(&img->page[pfn]));
    return true;
}

bool image_check(struct image *img)
{
    if (!img->page)
        return damaged(img, "doesn't say how many pages the guest has");
    if (!img->shared_info.len)
        return damaged(img, "has no shared_info page");
    return features_read(img) && vcpus_check(img) && start_info_check(img) && tables_check(img) &&
           p2m_check(img) && events_look(img);
}
