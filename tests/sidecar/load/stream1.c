// SPDX-License-Identifier: MIT
/* libxc's format before Xen 4.6. */
#include <string.h>

#include "stream.h"

#define BATCH 64u

static void put_long(struct stream *s, const struct how *how, uint64_t v)
{
    put(s, &v, how->longs);
}

static void batch(struct stream *s, const struct model *m, const struct how *how, uint64_t pfn,
                  bool wrong)
{
    uint64_t end = m->nr_pages - pfn < BATCH ? m->nr_pages : pfn + BATCH;
    uint8_t other[PAGE];
    uint32_t n = 1;

    memset(other, 0xee, sizeof(other));
    for (uint64_t i = pfn; i < end; i++)
        n += wrong || m->type[i] != TYPE_NONE;
    put32(s, n);
    put_long(s, how, 15u << 28); /* not there; the PFN is anything */
    for (uint64_t i = pfn; i < end; i++) {
        uint64_t type = m->type[i];

        if (wrong)
            type = type == TYPE_DATA ? 1 : TYPE_DATA;
        if (type != TYPE_NONE)
            put_long(s, how, type << 28 | i);
    }
    for (uint64_t i = pfn; i < end; i++)
        if (wrong || has_data(m->type[i]))
            put(s, wrong ? other : m->page[i], PAGE);
}

static void vcpu(struct stream *s, const struct model *m, unsigned int id, const struct how *how)
{
    put(s, &m->context[id], m->width == 8 ? 0x1430 : 0xaf0);
    if (!how->extended)
        return;
    put_ext(s, id), put(s, NULL, 64);
    put64(s, 7), put64(s, XSAVE_BYTES), put_xsave(s);
}

static void chunks(struct stream *s, const struct model *m, const struct how *how)
{
    uint32_t context = m->width == 8 ? 0x1430 : 0xaf0;

    put32(s, 8 + context + (how->extended ? 8 + 8 + 4 : 0));
    put(s, "vcpu", 4), put32(s, context), put(s, NULL, context);
    if (how->extended) {
        put(s, "extv", 4), put32(s, 0);
        put(s, "xcnt", 4), put32(s, 4), put32(s, 16 + XSAVE_BYTES);
    }
}

void stream1(struct stream *s, const struct model *m, const struct how *how)
{
    uint64_t map = 0;
    uint32_t unmapped = 0;

    put_long(s, how, m->nr_pages);
    put_long(s, how, ~0ULL);
    chunks(s, m, how);
    for (uint64_t i = 0; i < m->nr_p2m; i++)
        put_long(s, how, m->p2m[i]);
    for (uint64_t pfn = 0; how->live && pfn < m->nr_pages; pfn += BATCH)
        batch(s, m, how, pfn, true);
    for (uint64_t pfn = 0; pfn < m->nr_pages; pfn += BATCH)
        batch(s, m, how, pfn, false);
    for (unsigned int id = 0; id < VCPUS; id++)
        map |= (uint64_t)m->up[id] << id;
    put32(s, (uint32_t)-2), put32(s, VCPUS - 1), put64(s, map);
    put32(s, (uint32_t)-7), put32(s, 0), put64(s, 1), put32(s, 2), put32(s, 3);
    put32(s, (uint32_t)-18), put32(s, 8), put32(s, 1), put32(s, 0); /* of libxl: nothing */
    if (how->verify) {
        put32(s, (uint32_t)-1);
        for (uint64_t pfn = 0; pfn < m->nr_pages; pfn += BATCH)
            batch(s, m, how, pfn, true);
    }
    put32(s, (uint32_t)-9);
    put32(s, 0);
    for (uint64_t pfn = 0; pfn < m->nr_pages; pfn++)
        unmapped += m->type[pfn] == TYPE_NONE;
    put32(s, unmapped);
    for (uint64_t pfn = 0; pfn < m->nr_pages; pfn++)
        if (m->type[pfn] == TYPE_NONE)
            put_long(s, how, pfn);
    for (unsigned int id = 0; id < VCPUS; id++)
        if (m->up[id])
            vcpu(s, m, id, how);
    put(s, m->shared_info, PAGE);
}
