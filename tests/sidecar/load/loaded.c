// SPDX-License-Identifier: MIT
#include "../unit/test.h"

#include "loaded.h"

#include <xen/foreign/x86_32.h>
#include <xen/foreign/x86_64.h>

/* What the test knows: the frame of each PFN by the p2m list, and the other way round. */
struct view {
    const struct model *m;
    const struct how *how;
    const struct fake *f;
    const struct handover_guest *g;
    uint64_t gfn[8192], pfn[FAKE_FRAMES];
};

#define NOWHERE (~0ULL)

/* L0's frame for a page, or 0. */
static uint64_t ring_of(const struct view *v, uint64_t pfn)
{
    return pfn == STORE     ? v->f->handover->store_gfn
           : pfn == CONSOLE ? v->f->handover->console_gfn
                            : 0;
}

static bool is_there(const struct model *m, uint64_t pfn)
{
    /* what a table names is there, even if it wasn't */
    return is_populated(m->type[pfn]) || pfn == BALLOONED + 5;
}

static const void *at(const struct view *v, uint64_t offset)
{
    assert_true(offset % 8 == 0 && offset < v->g->bytes);
    return (const char *)v->g + offset;
}

static void directory_found(struct view *v)
{
    uint64_t gfn = v->f->handover->guest;
    const struct handover_guest *g = v->g = (const void *)v->f->frame[gfn];

    assert_int_equal(g->magic, HANDOVER_MAGIC);
    assert_int_equal(g->version, HANDOVER_VERSION);
    assert_int_equal(g->width, v->m->width);
    assert_int_equal(g->pages, (g->bytes + PAGE - 1) / PAGE);
    assert_int_equal(g->nr_pages, v->m->nr_pages);
    assert_int_equal(g->nr_p2m, v->m->nr_p2m);
    for (uint64_t i = 0; i < g->pages; i++)
        assert_true(fake_may(v->f, gfn + i));
}

static void p2m_followed(struct view *v)
{
    const uint64_t *frames = at(v, v->g->p2m);
    unsigned int words = PAGE / v->m->width;
    uint64_t there = 0, absent = v->m->width == 8 ? ~0ULL : 0xffffffff;

    for (uint64_t i = 0; i < FAKE_FRAMES; i++)
        v->pfn[i] = NOWHERE;
    for (uint64_t pfn = 0; pfn < v->m->nr_pages; pfn++) {
        uint64_t word = 0;

        assert_true(frames[pfn / words] < FAKE_FRAMES);
        memcpy(&word, v->f->frame[frames[pfn / words]] + pfn % words * v->m->width, v->m->width);
        if (!is_there(v->m, pfn)) {
            assert_int_equal(word, absent);
            v->gfn[pfn] = NOWHERE;
            continue;
        }
        there++;
        assert_true(word < FAKE_FRAMES);
        assert_int_equal(v->pfn[word], NOWHERE);
        v->pfn[word] = pfn, v->gfn[pfn] = word;
        if (ring_of(v, pfn))
            assert_int_equal(word, ring_of(v, pfn));
        else
            assert_true(fake_may(v->f, word) && word != FAKE_HANDOVER);
        assert_false(word >= v->f->handover->guest && word < v->f->handover->guest + v->g->pages);
    }
    assert_int_equal(there, v->g->populated);
    for (uint64_t i = 0; i < v->g->nr_p2m; i++)
        assert_int_equal(v->pfn[frames[i]], v->m->p2m[i]);
}

static void table_same(const struct view *v, uint64_t pfn)
{
    const uint64_t *now = (const void *)v->f->frame[v->gfn[pfn]];
    const uint64_t *then = (const void *)v->m->page[pfn];
    bool leaf = v->m->width == 8 && table_level(v->m->type[pfn]) == 1;

    for (unsigned int i = 0; i < 512; i++) {
        uint64_t want = then[i];

        if (want & P) {
            want &= ~0x000ffffffffff000ULL;
            want |= v->gfn[(then[i] & 0x000ffffffffff000) >> 12] << 12;
            if (leaf && then[i] & KERNEL)
                want &= ~(KERNEL | U);
        }
        assert_int_equal(now[i], want);
    }
}

static bool in_p2m(const struct model *m, uint64_t pfn)
{
    for (uint64_t i = 0; i < m->nr_p2m; i++)
        if (m->p2m[i] == pfn)
            return true;
    return false;
}

static void contents_same(const struct view *v)
{
    static const uint8_t zero[PAGE];
    uint8_t old[PAGE];

    memset(old, FAKE_OLD, sizeof(old));
    for (uint64_t pfn = 0; pfn < v->m->nr_pages; pfn++) {
        const uint8_t *now = v->f->frame[v->gfn[pfn] == NOWHERE ? 0 : v->gfn[pfn]];

        if (v->gfn[pfn] == NOWHERE)
            continue;
        if (ring_of(v, pfn))
            assert_memory_equal(now, old, PAGE);
        else if (table_level(v->m->type[pfn]))
            table_same(v, pfn);
        else if (v->m->type[pfn] == TYPE_ALLOCATE && v->how->live)
            assert_int_equal(now[PAGE - 1], 0xee); /* as it was before */
        else if (!has_data(v->m->type[pfn]))
            assert_memory_equal(now, zero, PAGE);
        else if (!in_p2m(v->m, pfn))
            assert_memory_equal(now, v->m->page[pfn], PAGE);
        else if (pfn == v->m->p2m[v->m->nr_p2m - 1]) {
            size_t n = v->m->nr_pages * v->m->width % PAGE; /* the rest is nobody's */

            assert_memory_equal(now + n, v->m->page[pfn] + n, PAGE - n);
        }
    }
    for (uint64_t gfn = 0; gfn < FAKE_FRAMES; gfn++)
        if (v->pfn[gfn] == NOWHERE && gfn != FAKE_HANDOVER &&
            (gfn < v->f->handover->guest || gfn >= v->f->handover->guest + v->g->pages))
            assert_memory_equal(v->f->frame[gfn], old, PAGE);
}

static void pins_same(const struct view *v)
{
    const uint64_t *pin = at(v, v->g->pin);
    uint64_t n = 0;

    for (uint64_t pfn = 0; pfn < v->m->nr_pages; pfn++)
        if (table_level(v->m->type[pfn]) && v->m->type[pfn] > TYPE_PINNED) {
            assert_true(n < v->g->nr_pins);
            assert_int_equal(pin[n++], v->gfn[pfn] | (uint64_t)table_level(v->m->type[pfn]) << 60);
        }
    assert_int_equal(n, v->g->nr_pins);
}

static void contexts_same(const struct view *v)
{
    const struct handover_vcpu *got = at(v, v->g->vcpu);
    uint64_t n = 0;

    for (unsigned int id = 0; id < VCPUS; id++) {
        union context want = v->m->context[id];
        vcpu_guest_context_x86_64_t *w64 = (void *)&want;
        vcpu_guest_context_x86_32_t *w32 = (void *)&want;

        if (!v->m->up[id])
            continue;
        assert_true(n < v->g->nr_vcpus);
        assert_int_equal(got[n].id, id);
        assert_int_equal(got[n].context_bytes, v->m->width == 8 ? 0x1430 : 0xaf0);
        if (v->m->width == 8) {
            w64->flags |= VGCF_online_X86_64;
            w64->gdt_frames[0] = v->gfn[GDT];
            w64->ctrlreg[3] = v->gfn[TOP] << 12;
            w64->ctrlreg[1] = w64->ctrlreg[1] ? v->gfn[USER] << 12 : 0;
            if (id == 0)
                w64->user_regs.rdx = v->gfn[START_INFO];
        } else {
            w32->flags |= VGCF_online_X86_32;
            w32->gdt_frames[0] = (uint32_t)v->gfn[GDT];
            w32->ctrlreg[3] = xen_pfn_to_cr3_x86_32(v->gfn[TOP]);
            if (id == 0)
                w32->user_regs.edx = (uint32_t)v->gfn[START_INFO];
        }
        assert_memory_equal(at(v, got[n].context), &want, got[n].context_bytes);
        n++;
    }
    assert_int_equal(n, v->g->nr_vcpus);
}

static void extended_same(const struct view *v)
{
    const struct handover_vcpu *got = at(v, v->g->vcpu);
    struct stream xsave = {0};

    put_xsave(&xsave);
    for (uint64_t n = 0; n < v->g->nr_vcpus; n++) {
        if (!v->how->extended) {
            assert_int_equal(got[n].xsave_bytes + got[n].nr_msrs + got[n].has_ext, 0);
            continue;
        }
        assert_int_equal(got[n].xsave_bytes, xsave.n);
        assert_memory_equal(at(v, got[n].xsave), xsave.p, xsave.n);
        assert_int_equal(got[n].has_ext, 1);
        assert_int_equal(got[n].syscall32_eip, 0xffffffff81001000 + got[n].id);
        assert_int_equal(got[n].sysenter_eip, 0xffffffff81002000 + got[n].id);
        assert_int_equal(got[n].syscall32_cs, 0xe033);
        assert_int_equal(got[n].sysenter_cs, 0xe019);
        assert_int_equal(got[n].syscall32_masks_events, 1);
        assert_int_equal(got[n].sysenter_masks_events, 0);
        /* those with a value */
        assert_int_equal(got[n].nr_msrs, v->how->version > 1);
        if (got[n].nr_msrs) {
            const struct handover_msr *msr = at(v, got[n].msr);

            assert_int_equal(msr->index, 0xc0000103);
            assert_int_equal(msr->value, got[n].id + 1);
        }
    }
    free(xsave.p);
}

void assert_loaded(const struct model *m, const struct how *how, const struct fake *f)
{
    static struct view v;

    v = (struct view){.m = m, .how = how, .f = f};
    assert_int_equal(f->mapped, 0);
    directory_found(&v);
    p2m_followed(&v);
    contents_same(&v);
    pins_same(&v);
    contexts_same(&v);
    extended_same(&v);
    assert_memory_equal(at(&v, v.g->shared_info), m->shared_info, PAGE);
}
