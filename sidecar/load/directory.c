// SPDX-License-Identifier: MIT
#include "directory.h"

#include <string.h>

#include "../../xen-shim/boot/handover.h"
#include "bytes.h"
#include "localise.h"

static uint64_t round8(uint64_t n)
{
    return (n + 7) & ~7ULL;
}

static uint64_t vcpu_bytes(const struct image *img, const struct saved_vcpu *v)
{
    return round8(context_bytes(img)) + round8(v->xsave.len) +
           v->msrs.len / 16 * sizeof(struct handover_msr);
}

uint64_t directory_bytes(const struct image *img)
{
    uint64_t n = round8(sizeof(struct handover_guest)) + 8 * img->nr_p2m + 8 * img->nr_pins + PAGE;

    for (unsigned int id = 0; id <= img->highest_vcpu; id++)
        if (img->vcpu[id].context.len)
            n += sizeof(struct handover_vcpu) + vcpu_bytes(img, &img->vcpu[id]);
    return n;
}

/* A piece of the directory being made. */
struct maker {
    struct image *img;
    char *base;
    uint64_t used;
};

static void *room(struct maker *m, uint64_t bytes, unsigned long long *offset)
{
    *offset = m->used;
    m->used += round8(bytes);
    return m->base + *offset;
}

static bool span_copy(struct maker *m, const struct span *s, void *to)
{
    uint64_t at = s->at;

    return take(m->img, &at, to, s->len);
}

static bool ext_copy(struct maker *m, const struct saved_vcpu *s, struct handover_vcpu *v)
{
    uint8_t b[128];

    if (!s->ext.len)
        return true;
    if (!span_copy(m, &s->ext, b))
        return false;
    v->has_ext = 1;
    v->syscall32_eip = le64(b + 8);
    v->sysenter_eip = le64(b + 16);
    v->syscall32_cs = le16(b + 24);
    v->sysenter_cs = le16(b + 26);
    v->syscall32_masks_events = b[28];
    v->sysenter_masks_events = b[29];
    return true;
}

static bool vcpu_make(struct maker *m, unsigned int id, struct handover_vcpu *v)
{
    const struct saved_vcpu *s = &m->img->vcpu[id];
    union context c;
    uint8_t b[16];
    struct handover_msr *msr;
    uint64_t at = s->msrs.at;

    v->id = id;
    v->context_bytes = s->context.len;
    if (!span_copy(m, &s->context, &c) || !context_check(m->img, id, &c))
        return false;
    context_localise(m->img, id, &c);
    memcpy(room(m, v->context_bytes, &v->context), &c, s->context.len);
    v->xsave_bytes = s->xsave.len;
    if (!span_copy(m, &s->xsave, room(m, v->xsave_bytes, &v->xsave)))
        return false;
    msr = room(m, s->msrs.len / 16 * sizeof(*msr), &v->msr);
    for (uint32_t i = 0; i < s->msrs.len / 16; i++) {
        if (!take(m->img, &at, b, sizeof(b)))
            return false;
        if (le64(b + 8))
            msr[v->nr_msrs++] = (struct handover_msr){.index = le32(b), .value = le64(b + 8)};
    }
    return ext_copy(m, s, v);
}

bool directory_make(struct image *img, void *p)
{
    struct maker m = {.img = img, .base = p};
    unsigned long long offset, *word;
    struct handover_guest *g = room(&m, sizeof(*g), &offset);
    struct handover_vcpu *v;

    g->magic = HANDOVER_MAGIC;
    g->version = HANDOVER_VERSION;
    g->width = img->width;
    g->bytes = directory_bytes(img);
    g->pages = directory_pages(img);
    g->nr_pages = img->nr_pages;
    g->populated = img->populated;

    g->nr_p2m = img->nr_p2m;
    word = room(&m, 8 * g->nr_p2m, &g->p2m);
    for (uint64_t i = 0; i < img->nr_p2m; i++)
        word[i] = img->page[img->p2m[i]].gfn;

    g->nr_pins = img->nr_pins;
    word = room(&m, 8 * g->nr_pins, &g->pin);
    for (uint64_t pfn = 0; pfn < img->nr_pages; pfn++) {
        unsigned int type = page_type(&img->page[pfn]);

        if (table_level(type) && type > TYPE_PINNED)
            *word++ = img->page[pfn].gfn | (unsigned long long)table_level(type) << 60;
    }

    g->nr_vcpus = img->nr_vcpus;
    v = room(&m, g->nr_vcpus * sizeof(*v), &g->vcpu);
    for (unsigned int id = 0; id <= img->highest_vcpu; id++)
        if (img->vcpu[id].context.len && !vcpu_make(&m, id, v++))
            return false;
    return span_copy(&m, &img->shared_info, room(&m, PAGE, &g->shared_info));
}
