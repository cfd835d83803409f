// SPDX-License-Identifier: MIT
#include "image.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats.h"

bool fault(struct image *img, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(img->why, sizeof(img->why), fmt, ap);
    va_end(ap);
    return false;
}

bool damaged(struct image *img, const char *fmt, ...)
{
    char what[160];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(what, sizeof(what), fmt, ap);
    va_end(ap);
    return fault(img, "%s; the file is damaged, save the guest again", what);
}

bool pass(struct image *img, uint64_t *at, uint64_t n)
{
    if (*at > img->src->size || n > img->src->size - *at)
        return fault(img,
                     "ends after %llu bytes, in the middle: it was cut short; copy it anew, or "
                     "save the guest again",
                     (unsigned long long)img->src->size);
    *at += n;
    return true;
}

bool take(struct image *img, uint64_t *at, void *to, size_t n)
{
    uint64_t from = *at;

    if (!pass(img, at, n))
        return false;
    if (!img->src->read(img->src, from, to, n))
        return fault(img, "can't be read at byte %llu: %s", (unsigned long long)from,
                     errno ? strerror(errno)
                           : "it has become shorter; wait until nobody writes it");
    return true;
}

bool image_size(struct image *img, uint64_t nr_pages)
{
    if (img->page)
        return damaged(img, "gives the guest's size twice");
    if (!nr_pages || nr_pages > MAX_PAGES)
        return damaged(img, "says that the guest has %llu pages", (unsigned long long)nr_pages);
    img->nr_pages = nr_pages;
    img->nr_p2m = (nr_pages + words_per_page(img) - 1) / words_per_page(img);
    img->page = calloc(nr_pages, sizeof(*img->page));
    img->p2m = calloc(img->nr_p2m, sizeof(*img->p2m));
    if (!img->page || !img->p2m)
        return fault(img,
                     "is of a guest of %llu pages, and dom0 has no %llu MiB of memory for it; give "
                     "dom0 more",
                     (unsigned long long)nr_pages,
                     (unsigned long long)((nr_pages * sizeof(*img->page)) >> 20) + 1);
    return true;
}

bool image_page(struct image *img, uint64_t pfn, unsigned int type, uint64_t at)
{
    struct page *p;

    if (type > TYPE_L4 && type <= TYPE_PINNED)
        return damaged(img, "has a page of the unknown type %u", type);
    if (pfn >= img->nr_pages)
        return damaged(img, "has page %#llx, beyond the guest's %#llx", (unsigned long long)pfn,
                       (unsigned long long)img->nr_pages);
    p = &img->page[pfn];
    /* allocated once more: what it held stays */
    if (type == TYPE_ALLOCATE && has_data(page_type(p)))
        return true;
    if (table_level(type) == 4 && img->width == 4)
        return damaged(img, "has a page table of level 4 in a 32-bit guest");
    p->where = (uint64_t)(15 - type) << 60 | (has_data(type) ? at : 0);
    return true;
}

struct saved_vcpu *image_vcpu(struct image *img, uint64_t id)
{
    if (id >= MAX_VCPUS) {
        damaged(img, "has a vCPU %llu", (unsigned long long)id);
        return NULL;
    }
    if (!img->vcpu && !(img->vcpu = calloc(MAX_VCPUS, sizeof(*img->vcpu)))) {
        fault(img, "can't be read: dom0 has no memory; give dom0 more");
        return NULL;
    }
    return &img->vcpu[id];
}

bool image_read(struct image *img)
{
    uint64_t at = 0;
    enum format format;

    if (!wrapper_read(img, &at, &format))
        return false;
    switch (format) {
    case FORMAT_LIBXL:
        return libxl_read(img, at);
    case FORMAT_XENF:
        return stream2_read(img, &at);
    default:
        return stream1_read(img, &at);
    }
}

void image_free(struct image *img)
{
    free(img->page);
    free(img->p2m);
    free(img->vcpu);
    img->page = NULL, img->p2m = NULL, img->vcpu = NULL;
}
