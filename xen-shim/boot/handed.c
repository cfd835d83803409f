// SPDX-License-Identifier: MIT
/* See handed.h. */
#include "handed.h"

#include <xen/foreign/x86_32.h>

#include "evtchn.h"
#include "regs.h"
#include "speculation.h"
#include "shim.h"
#include "xen_abi.h"

#define MAX_PFN  (1UL << 28) /* of a PV guest's, by the formats of a saved one */
#define MAX_MSRS 16

/* What follows the two words: the legacy region and the header (Intel SDM volume 1, 13.4). */
#define XSAVE_WORDS  16
#define XSAVE_LEAST  (XSAVE_WORDS + 576)
#define XSAVE_MOST   (XSAVE_WORDS + 16384)
#define MXCSR_AT     24
#define XSTATE_BV_AT 512
#define XCOMP_BV_AT  520

/* The run that has it, or NULL. */
static const struct handover_run *run_of(const struct handover *o, mfn_t gfn)
{
    for (u32 i = 0; i < o->nr_runs; i++)
        if (gfn - o->run[i].first < o->run[i].count)
            return &o->run[i];
    return NULL;
}

static bool special(const struct handover *o, mfn_t gfn)
{
    return gfn && (gfn == o->store_gfn || gfn == o->console_gfn);
}

/* Whole, and in frames of one run. */
static const char *find_guest(struct handed *h)
{
    const struct handover *o = h->offer;
    mfn_t gfn = o->guest;

    const struct handover_run *r = run_of(o, gfn);

    if (!r)
        return REFUSE(h, "frame %lx of the description wasn't offered", gfn);
    struct handover_guest *g = h->page(gfn);
    if (g->magic != HANDOVER_MAGIC || g->version != HANDOVER_VERSION)
        return REFUSE(h, "the description is of version %u, not %u", g->version,
                      (u32)HANDOVER_VERSION);
    if (g->width != h->width)
        return REFUSE(h, "a guest of %u bits, and the sidecar's is of %u", g->width * 8,
                      h->width * 8);
    if (!g->pages || g->bytes < sizeof(*g) || g->bytes > g->pages << PAGE_SHIFT ||
        g->pages > MAX_PFN)
        return REFUSE(h, "the description has %lu bytes in %lu pages", (u64)g->bytes,
                      (u64)g->pages);
    if (g->pages > r->first + r->count - gfn)
        return REFUSE(h, "the description's %lu pages aren't in one run", (u64)g->pages);
    h->guest = g;
    h->first = gfn;
    h->end = gfn + g->pages;
    return NULL;
}

/* Are `count` things of so many bytes in the description? */
static bool inside(const struct handed *h, u64 offset, u64 count, u64 size)
{
    const u64 bytes = h->guest->bytes;

    return !count || (!(offset & 7) && offset >= sizeof(struct handover_guest) && offset <= bytes &&
                      count <= (bytes - offset) / size);
}

static u64 word(const struct handed *h, const void *page, u64 i)
{
    if (h->width == 8)
        return ((const u64 *)page)[i];
    u32 w = ((const u32 *)page)[i];
    return w == ~0U ? INVALID_GFN : w;
}

mfn_t handed_frame(const struct handed *h, pfn_t pfn)
{
    const u64 per = PAGE_SIZE / h->width, *list = handed_at(h, h->guest->p2m);

    return word(h, h->page(list[pfn / per]), pfn % per);
}

/* Frames that the guest may have: offered, not the description's own. */
static bool is_guests(const struct handed *h, mfn_t gfn)
{
    return special(h->offer, gfn) || (run_of(h->offer, gfn) && (gfn < h->first || gfn >= h->end));
}

static const char *check_p2m(struct handed *h)
{
    const struct handover_guest *g = h->guest;
    const u64 per = PAGE_SIZE / h->width, *list;
    u64 populated = 0;

    if (!g->nr_pages || g->nr_pages > MAX_PFN || g->nr_p2m != (g->nr_pages + per - 1) / per ||
        !inside(h, g->p2m, g->nr_p2m, 8))
        return REFUSE(h, "a p2m list of %lu frames for %lu pages", (u64)g->nr_p2m,
                      (u64)g->nr_pages);
    list = handed_at(h, g->p2m);
    for (u64 i = 0; i < g->nr_p2m; i++)
        if (!is_guests(h, list[i]) || special(h->offer, list[i]))
            return REFUSE(h, "frame %lx of the p2m list can't be", list[i]);
    for (pfn_t pfn = 0; pfn < g->nr_pages; pfn++) {
        mfn_t gfn = handed_frame(h, pfn);
        if (gfn == INVALID_GFN)
            continue;
        if (!is_guests(h, gfn))
            return REFUSE(h, "PFN %lx is in frame %lx, which wasn't offered", pfn, gfn);
        if (!h->first_use(gfn))
            return REFUSE(h, "PFN %lx is in frame %lx, which has another", pfn, gfn);
        populated++;
    }
    for (u64 i = 0; i < g->nr_p2m; i++)
        if (!h->used(list[i]))
            return REFUSE(h, "frame %lx of the p2m list isn't the guest's", list[i]);
    if (populated != g->populated)
        return REFUSE(h, "%lu pages are there, not %lu", populated, (u64)g->populated);
    return NULL;
}

static const char *check_pins(struct handed *h)
{
    const struct handover_guest *g = h->guest;
    const u64 *pin;

    if (!inside(h, g->pin, g->nr_pins, 8))
        return REFUSE(h, "%lu pinned tables reach out of the description", (u64)g->nr_pins);
    pin = handed_at(h, g->pin);
    for (u64 i = 0; i < g->nr_pins; i++) {
        mfn_t gfn = pin[i] & ~0UL >> 4;
        u64 level = pin[i] >> 60, top = h->width == 8 ? 4 : 3;
        if (!level || level > top || !is_guests(h, gfn) || special(h->offer, gfn) || !h->used(gfn))
            return REFUSE(h, "frame %lx can't be pinned at level %lu", gfn, level);
    }
    return NULL;
}

static const char *check_xsave(struct handed *h, const struct handover_vcpu *v)
{
    if (!v->xsave_bytes)
        return NULL;
    if (!h->offer->xcr0)
        return REFUSE(h, "vCPU %u has used XSAVE, which this domain doesn't have", v->id);
    if (v->xsave_bytes < XSAVE_LEAST || v->xsave_bytes > XSAVE_MOST)
        return REFUSE(h, "vCPU %u has %lu bytes of XSAVE", v->id, (u64)v->xsave_bytes);

    const u64 *w = handed_at(h, v->xsave);
    const u8 *area = (const u8 *)w + XSAVE_WORDS;
    u64 xcr0 = w[0], accum = w[1], bv = *(const u64 *)(area + XSTATE_BV_AT);
    if (!(xcr0 & 1) || xcr0 & ~accum || accum & ~h->offer->xcr0)
        return REFUSE(h, "vCPU %u has used XCR0 %lx, and this domain has %lx", v->id, accum,
                      (u64)h->offer->xcr0);
    /* (the rest of the header must be 0) */
    for (u32 i = 0; i < 7; i++)
        bv |= ((const u64 *)(area + XCOMP_BV_AT))[i] ? ~0UL : 0;
    if (bv & ~accum || *(const u32 *)(area + MXCSR_AT) >> 16)
        return REFUSE(h, "vCPU %u's XSAVE area can't be loaded", v->id);
    return NULL;
}

static const char *check_vcpus(struct handed *h)
{
    const struct handover_guest *g = h->guest;
    const u64 context = h->width == 8 ? sizeof(struct vcpu_guest_context)
                                      : sizeof(struct vcpu_guest_context_x86_32);

    if (!g->nr_vcpus || !inside(h, g->vcpu, g->nr_vcpus, sizeof(struct handover_vcpu)))
        return REFUSE(h, "%lu vCPUs reach out of the description", (u64)g->nr_vcpus);
    for (u64 i = 0; i < g->nr_vcpus; i++) {
        const struct handover_vcpu *v = handed_vcpu(h, i);
        if (i ? v->id <= handed_vcpu(h, i - 1)->id : v->id != 0)
            return REFUSE(h, "vCPU %u isn't in order", v->id);
        if (v->id >= h->offer->nr_vcpus)
            return REFUSE(h, "vCPU %u is up, and the domain has %u vCPUs", v->id,
                          h->offer->nr_vcpus);
        if (v->context_bytes != context || !inside(h, v->context, 1, context) ||
            !inside(h, v->xsave, v->xsave_bytes, 1) || v->nr_msrs > MAX_MSRS ||
            !inside(h, v->msr, v->nr_msrs, sizeof(struct handover_msr)))
            return REFUSE(h, "vCPU %u reaches out of the description", v->id);
        const struct handover_msr *m = handed_at(h, v->msr);
        for (u64 n = 0; n < v->nr_msrs; n++)
            if (m[n].value && m[n].index != MSR_SPEC_CTRL && m[n].index != MSR_TSC_AUX)
                return REFUSE(h, "vCPU %u uses MSR %x, which a guest of the shim doesn't have",
                              v->id, m[n].index);
        const char *why = check_xsave(h, v);
        if (why)
            return why;
    }
    return NULL;
}

/* The two rings must be where L0 has them, or where the guest can have its own. */
static const char *check_ring(struct handed *h, const char *which, pfn_t pfn, mfn_t l0s,
                              mfn_t *ring)
{
    mfn_t gfn = pfn < h->guest->nr_pages ? handed_frame(h, pfn) : INVALID_GFN;

    if (gfn == INVALID_GFN || (l0s && gfn != l0s) || (!l0s && special(h->offer, gfn)))
        return REFUSE(h, "the %s ring's PFN %lx is in frame %lx, not %lx", which, pfn, gfn, l0s);
    *ring = gfn;
    return NULL;
}

static const char *check_rest(struct handed *h)
{
    const void *context = handed_at(h, handed_vcpu(h, 0)->context);
    const struct vcpu_guest_context *c64 = context;
    const struct vcpu_guest_context_x86_32 *c32 = context;
    mfn_t info = h->width == 8 ? c64->user_regs.rdx : c32->user_regs.edx;
    pfn_t store, console;
    mfn_t store_ring;
    const char *why;

    if (!inside(h, h->guest->shared_info, PAGE_SIZE, 1))
        return REFUSE(h, "shared_info reaches out of the description");
    if (!is_guests(h, info) || special(h->offer, info) || !h->used(info))
        return REFUSE(h, "frame %lx can't be start_info", info);
    if (h->width == 8) {
        const struct start_info *si = h->page(info);
        store = si->store_mfn;
        console = si->console.domU.mfn;
        h->store_port = si->store_evtchn;
        h->console_port = si->console.domU.evtchn;
    } else {
        const struct start_info_x86_32 *si = h->page(info);
        store = si->store_mfn;
        console = si->console.domU.mfn;
        h->store_port = si->store_evtchn;
        h->console_port = si->console.domU.evtchn;
    }
    h->start_info = info;
    if (h->store_port >= NR_PORTS32 || h->console_port >= NR_PORTS32 ||
        (h->store_port && h->store_port == h->console_port))
        return REFUSE(h, "xenstore has port %u, and the console %u", h->store_port,
                      h->console_port);
    why = check_ring(h, "xenstore", store, h->offer->store_gfn, &store_ring);
    return why ? why : check_ring(h, "console", console, h->offer->console_gfn, &h->console);
}

const char *handed_check(struct handed *h)
{
    static const char *(*const checks[])(struct handed *) = {find_guest, check_p2m, check_pins,
                                                             check_vcpus, check_rest};
    const char *why = NULL;

    for (u32 i = 0; i < ARRAY_SIZE(checks) && !why; i++)
        why = checks[i](h);
    return why;
}
