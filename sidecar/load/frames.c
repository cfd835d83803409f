// SPDX-License-Identifier: MIT
#include "frames.h"

/* The next frame that is free. */
struct next {
    const struct handover *h;
    unsigned int run;
    uint64_t used;         /* of that run */
    uint64_t first, count; /* the directory's: not to be given out */
};

static bool next_frame(struct next *n, uint64_t *gfn)
{
    for (; n->run < n->h->nr_runs; n->run++, n->used = 0) {
        const struct handover_run *r = &n->h->run[n->run];

        if (r->first + n->used == n->first)
            n->used += n->count;
        if (n->used < r->count) {
            *gfn = r->first + n->used++;
            return true;
        }
    }
    return false;
}

/* A page that lies in one of L0's ring frames. */
static uint64_t ring(const struct image *img, const struct handover *h, uint64_t pfn)
{
    return pfn == img->store ? h->store_gfn : pfn == img->console ? h->console_gfn : 0;
}

uint64_t frames_needed(const struct image *img, const struct handover *h, uint64_t pages)
{
    return img->populated + pages - !!h->store_gfn - !!h->console_gfn;
}

/* The end of the highest run that is long enough. */
static bool directory_at(const struct handover *h, uint64_t pages, uint64_t *gfn)
{
    bool found = false;

    for (unsigned int i = 0; i < h->nr_runs; i++)
        if (h->run[i].count >= pages) {
            *gfn = h->run[i].first + h->run[i].count - pages;
            found = true;
        }
    return found;
}

bool frames_assign(struct image *img, const struct handover *h, uint64_t pages, uint64_t *directory)
{
    struct next n = {.h = h, .count = pages};
    uint64_t need = frames_needed(img, h, pages);

    if (need > h->free || !directory_at(h, pages, &n.first))
        return fault(img,
                     "needs %llu frames, and the domain has %llu free ones; give it %llu MiB more",
                     (unsigned long long)need, h->free,
                     (unsigned long long)(need > h->free ? (need - h->free + 255) / 256 : 1));
    *directory = n.first;
    /* A 32-bit guest's tables of level 3 first: CR3 may only have 32 bits for their addresses. */
    for (int top = img->width == 4; top >= 0; top--)
        for (uint64_t pfn = 0; pfn < img->nr_pages; pfn++) {
            struct page *p = &img->page[pfn];

            if (!is_populated(page_type(p)) ||
                (img->width == 4 && (table_level(page_type(p)) == 3) != top))
                continue;
            p->gfn = ring(img, h, pfn);
            if (!p->gfn && !next_frame(&n, &p->gfn))
                return fault(img,
                             "needs more frames than the domain's runs have; make the domain anew");
            if (top && img->low_l3 && p->gfn >> 20)
                return fault(img, "is of a guest whose page tables must lie below 4 GiB, and the "
                                  "domain has no frames there; give it less memory");
        }
    return true;
}
