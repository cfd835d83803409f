// SPDX-License-Identifier: MIT
/* libxc's format of Xen 4.6 and later. */
#include <string.h>

#include "stream.h"

#define BATCH 64u

/* A record's head; its end fills in the length. */
static size_t begin(struct stream *s, uint32_t type)
{
    put32(s, type), put32(s, 0);
    return s->n;
}

static void end(struct stream *s, size_t at)
{
    uint32_t len = (uint32_t)(s->n - at);

    memcpy(s->p + at - 4, &len, 4);
    put(s, NULL, -len & 7);
}

/* Pages from `pfn` on, not more than a batch; wrong: other types and contents than they have. */
static void batch(struct stream *s, const struct model *m, uint64_t pfn, bool wrong)
{
    uint64_t n = m->nr_pages - pfn < BATCH ? m->nr_pages - pfn : BATCH;
    size_t at = begin(s, 1);
    uint8_t other[PAGE];

    memset(other, 0xee, sizeof(other));
    put32(s, (uint32_t)n), put32(s, 0);
    for (uint64_t i = 0; i < n; i++) {
        uint64_t type = m->type[pfn + i];

        if (wrong)
            type = type == TYPE_DATA ? 1 : TYPE_DATA;
        put64(s, type << 60 | (pfn + i));
    }
    for (uint64_t i = 0; i < n; i++)
        if (wrong || has_data(m->type[pfn + i]))
            put(s, wrong ? other : m->page[pfn + i], PAGE);
    end(s, at);
}

static void vcpu(struct stream *s, const struct model *m, unsigned int id, const struct how *how)
{
    size_t at = begin(s, 4);

    put32(s, id), put32(s, 0);
    if (m->up[id])
        put(s, &m->context[id], m->width == 8 ? 0x1430 : 0xaf0);
    end(s, at);
    if (how->empty) {
        for (uint32_t type = 5; type <= 12; type += type == 6 ? 6 : 1) {
            at = begin(s, type);
            put32(s, id), put32(s, 0);
            if (type == 6 && id == 3) /* of one that has never used it: no area */
                put64(s, 1), put64(s, 0);
            end(s, at);
        }
    } else if (how->extended) {
        at = begin(s, 5);
        put32(s, id), put32(s, 0), put_ext(s, id);
        end(s, at);
        at = begin(s, 6);
        put32(s, id), put32(s, 0), put_xsave(s);
        end(s, at);
        at = begin(s, 12);
        put32(s, id), put32(s, 0);
        put32(s, 0xc0000103), put32(s, 0), put64(s, id + 1);
        put32(s, 0x140), put32(s, 0), put64(s, 0);
        end(s, at);
    }
}

void stream2(struct stream *s, const struct model *m, const struct how *how)
{
    size_t at;

    put64(s, ~0ULL), put(s, "XENF", 4), put_be32(s, how->version), put64(s, 0);
    put32(s, 1), put16(s, 12), put16(s, 0);
    put32(s, how->converted ? 0 : 4), put32(s, 17);
    at = begin(s, 2);
    put(s, m->width == 8 ? "\10\4\0\0\0\0\0\0" : "\4\3\0\0\0\0\0\0", 8);
    end(s, at);
    if (how->version == 3) {
        at = begin(s, 17), put(s, how->cpuid, 24), put(s, NULL, 24), end(s, at);
        at = begin(s, 18), put(s, NULL, 16), end(s, at);
        end(s, begin(s, 16));
    }
    at = begin(s, 3);
    put32(s, 0), put32(s, (uint32_t)m->nr_pages - 1), put(s, m->p2m, m->nr_p2m * 8);
    end(s, at);
    for (uint64_t pfn = 0; how->live && pfn < m->nr_pages; pfn += BATCH)
        batch(s, m, pfn, true);
    for (uint64_t pfn = 0; pfn < m->nr_pages; pfn += BATCH)
        batch(s, m, pfn, false);
    if (how->converted) { /* a page that isn't there, by any PFN */
        at = begin(s, 1);
        put32(s, 2), put32(s, 0), put64(s, 15ULL << 60), put64(s, 15ULL << 60 | 0xfffffff);
        end(s, at);
    }
    if (how->unknown)
        at = begin(s, 1u << 31 | 99), put(s, "what?", 5), end(s, at);
    at = begin(s, 8), put(s, NULL, 24), end(s, at);
    at = begin(s, 7), put(s, m->shared_info, PAGE), end(s, at);
    for (unsigned int id = 0; id < VCPUS; id++)
        if (m->up[id] || how->empty)
            vcpu(s, m, id, how);
    if (how->verify) {
        end(s, begin(s, 13));
        for (uint64_t pfn = 0; pfn < m->nr_pages; pfn += BATCH)
            batch(s, m, pfn, true);
    }
    end(s, begin(s, 0));
}
