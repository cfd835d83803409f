// SPDX-License-Identifier: MIT
/* See ram.h. */
#include "ram.h"
#include "shim.h"

struct ram ram;

void ram_init(struct ram *r, const struct boot_info *info)
{
    *r = (struct ram){0};
    for (unsigned int i = 0; i < info->nr_ram; i++) {
        struct extent e = {info->ram[i].start >> PAGE_SHIFT, info->ram[i].end >> PAGE_SHIFT};
        r->free[r->nr++] = e;
        r->top = e.end;
        r->frames += e.end - e.start;
    }
}

static void remove_extent(struct ram *r, unsigned int i)
{
    r->nr--;
    for (; i < r->nr; i++)
        r->free[i] = r->free[i + 1];
}

static void insert_extent(struct ram *r, unsigned int at, struct extent e)
{
    ASSERT(r->nr < RAM_MAX_EXTENTS);
    for (unsigned int i = r->nr++; i > at; i--)
        r->free[i] = r->free[i - 1];
    r->free[at] = e;
}

void ram_reserve(struct ram *r, mfn_t start, mfn_t end)
{
    for (unsigned int i = 0; i < r->nr; i++) {
        struct extent *e = &r->free[i];
        if (end <= e->start || start >= e->end)
            continue;
        if (start > e->start && end < e->end) {
            insert_extent(r, i + 1, (struct extent){end, e->end});
            r->free[i].end = start;
            return;
        }
        if (start > e->start)
            e->end = start;
        else if (end < e->end)
            e->start = end;
        else
            remove_extent(r, i--);
    }
}

void ram_reserve_special(struct ram *r, mfn_t store, mfn_t console)
{
    const mfn_t page[] = {store, console};

    for (unsigned int i = 0; i < ARRAY_SIZE(page); i++)
        if (page[i])
            ram_reserve(r, page[i], page[i] + 1);
    /* from the first GFN of l0.c to the top: special pages from 0xfeff0, LAPIC at 0xfee00 */
    ram_reserve(r, L0_SHARED_GFN_FIRST, 1UL << (32 - PAGE_SHIFT));
}

u64 ram_free_frames(const struct ram *r)
{
    u64 n = 0;

    for (unsigned int i = 0; i < r->nr; i++)
        n += r->free[i].end - r->free[i].start;
    return n;
}

mfn_t ram_take_run(struct ram *r, u64 n)
{
    for (unsigned int i = 0; i < r->nr; i++) {
        struct extent *e = &r->free[i];
        if (e->end - e->start < n)
            continue;
        mfn_t mfn = e->start;
        e->start += n;
        if (e->start == e->end)
            remove_extent(r, i);
        return mfn;
    }
    return 0;
}

mfn_t ram_take(struct ram *r)
{
    return ram_take_run(r, 1);
}

struct extent ram_take_top(struct ram *r, u64 n)
{
    struct extent e = {0, 0}, *last;

    if (!r->nr)
        return e;
    last = &r->free[r->nr - 1];
    e.end = last->end;
    e.start = e.end - min_t(u64, n, e.end - last->start);
    last->end = e.start;
    if (last->start == last->end)
        r->nr--;
    return e;
}

void ram_release(struct ram *r, mfn_t mfn)
{
    unsigned int i = 0;

    while (i < r->nr && r->free[i].end < mfn)
        i++;
    if (i < r->nr && r->free[i].end == mfn)
        r->free[i].end++;
    else if (i < r->nr && r->free[i].start == mfn + 1)
        r->free[i].start--;
    else
        insert_extent(r, i, (struct extent){mfn, mfn + 1});
    if (i + 1 < r->nr && r->free[i].end == r->free[i + 1].start) {
        r->free[i].end = r->free[i + 1].end;
        remove_extent(r, i + 1);
    }
}
