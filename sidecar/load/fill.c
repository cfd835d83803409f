// SPDX-License-Identifier: MIT
#include "fill.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "localise.h"

/* Pages that are mapped together. */
struct window {
    struct image *img;
    struct domain *d;
    size_t n;
    uint64_t pfn[MAP_PAGES], gfn[MAP_PAGES];
    char page[MAP_PAGES][PAGE]; /* never read straight to a mapping: some file systems can't */
};

static void *mapped(struct image *img, struct domain *d, const uint64_t *gfn, size_t n)
{
    void *p = d->map(d, gfn, n);

    if (!p)
        fault(img, "can't be written to the domain: frame %#llx and %zu after it: %s; see xl dmesg",
              (unsigned long long)gfn[0], n - 1, strerror(errno));
    return p;
}

/* How many pages from i on lie one behind the other in the file. */
static size_t in_a_row(const struct window *w, size_t i)
{
    const struct page *page = w->img->page;
    uint64_t at = page_at(&page[w->pfn[i]]);
    size_t n = 1;

    while (i + n < w->n && has_data(page_type(&page[w->pfn[i + n]])) &&
           page_at(&page[w->pfn[i + n]]) == at + n * PAGE)
        n++;
    return n;
}

static bool window_read(struct window *w)
{
    struct image *img = w->img;

    for (size_t i = 0, n; i < w->n; i += n) {
        uint64_t at = page_at(&img->page[w->pfn[i]]);

        n = 1;
        if (!has_data(page_type(&img->page[w->pfn[i]])))
            memset(w->page[i], 0, PAGE);
        else if (n = in_a_row(w, i), !take(img, &at, w->page[i], n * PAGE))
            return false;
    }
    for (size_t i = 0; i < w->n; i++) {
        unsigned int level = table_level(page_type(&img->page[w->pfn[i]]));

        /* looked at again: the file could have changed */
        if (level && !table_check(img, w->pfn[i], (uint64_t *)w->page[i]))
            return false;
        if (level)
            table_localise(img, level, (uint64_t *)w->page[i]);
    }
    return true;
}

static bool window_write(struct window *w)
{
    void *to;

    if (!w->n)
        return true;
    if (!window_read(w) || !(to = mapped(w->img, w->d, w->gfn, w->n)))
        return false;
    memcpy(to, w->page, w->n * PAGE);
    w->d->unmap(w->d, to, w->n);
    w->n = 0;
    return true;
}

/* The words of the p2m list that lie in its frames first to first + n - 1. */
static void p2m_write(const struct image *img, uint64_t first, size_t n, char *to)
{
    uint64_t pfn = first * words_per_page(img), end = pfn + n * words_per_page(img);

    for (; pfn < end && pfn < img->nr_pages; pfn++, to += img->width) {
        bool there = is_populated(page_type(&img->page[pfn]));
        uint64_t word = there ? img->page[pfn].gfn : ~0ULL;

        memcpy(to, &word, img->width); /* little endian */
    }
}

static bool fill_p2m(struct image *img, struct domain *d)
{
    uint64_t gfn[MAP_PAGES];

    for (uint64_t i = 0, n; i < img->nr_p2m; i += n) {
        void *to;

        n = img->nr_p2m - i < MAP_PAGES ? img->nr_p2m - i : MAP_PAGES;
        for (size_t j = 0; j < n; j++)
            gfn[j] = img->page[img->p2m[i + j]].gfn;
        if (!(to = mapped(img, d, gfn, n)))
            return false;
        p2m_write(img, i, n, to);
        d->unmap(d, to, n);
    }
    return true;
}

bool fill_pages(struct image *img, struct domain *d, uint64_t store_gfn, uint64_t console_gfn)
{
    struct window *w = malloc(sizeof(*w));
    bool good = true;

    if (!w)
        return fault(img, "can't be written to the domain: dom0 has no memory; give dom0 more");
    w->img = img, w->d = d, w->n = 0;
    for (uint64_t pfn = 0; good && pfn < img->nr_pages; pfn++) {
        if (!is_populated(page_type(&img->page[pfn])) || (pfn == img->store && store_gfn) ||
            (pfn == img->console && console_gfn))
            continue;
        w->pfn[w->n] = pfn;
        w->gfn[w->n++] = img->page[pfn].gfn;
        if (w->n == MAP_PAGES)
            good = window_write(w);
    }
    good = good && window_write(w);
    free(w);
    return good && fill_p2m(img, d);
}

bool fill_run(struct image *img, struct domain *d, uint64_t gfn, const void *p, uint64_t n)
{
    uint64_t frame[MAP_PAGES];

    for (uint64_t done = 0; done < n; done += (uint64_t)MAP_PAGES * PAGE) {
        uint64_t bytes = n - done < MAP_PAGES * PAGE ? n - done : MAP_PAGES * PAGE;
        size_t pages = (size_t)((bytes + PAGE - 1) / PAGE);
        void *to;

        for (size_t i = 0; i < pages; i++)
            frame[i] = gfn + done / PAGE + i;
        if (!(to = mapped(img, d, frame, pages)))
            return false;
        memcpy(to, (const char *)p + done, bytes);
        d->unmap(d, to, pages);
    }
    return true;
}
