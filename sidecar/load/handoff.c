// SPDX-License-Identifier: MIT
#include "handoff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../xen-shim/boot/handover.h"
#include "check.h"
#include "directory.h"
#include "features.h"
#include "fill.h"
#include "frames.h"

#define MAX_GFN (1ULL << 40)
#define LOOK_MS 500 /* between looks whether the domain is still there */

_Static_assert(sizeof(struct handover) <= PAGE, "handover");

static uint64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Is there a shim that waits, and are its frames such? */
static bool shim_check(struct image *img, const struct handover *h)
{
    uint64_t free = 0;

    if (h->magic != HANDOVER_MAGIC)
        return fault(img, "has nobody to take it: no shim waits at this frame of the domain; see "
                          "data/xen-shim-restore of the domain in xenstore");
    if (h->version != HANDOVER_VERSION)
        return fault(img,
                     "has a shim of another version to take it: %u, this program's is %u; use both "
                     "of one version",
                     h->version, HANDOVER_VERSION);
    if (h->state != HANDOVER_WAIT)
        return fault(
            img,
            "has a shim to take it that doesn't wait any more (state %u); make the domain anew",
            h->state);
    if (h->nr_runs > HANDOVER_RUNS)
        return fault(img, "is for a shim that lists %u runs of frames; make the domain anew",
                     h->nr_runs);
    for (unsigned int i = 0; i < h->nr_runs; i++) {
        if (h->run[i].first >= MAX_GFN || h->run[i].count >= MAX_GFN ||
            (i && h->run[i].first < h->run[i - 1].first + h->run[i - 1].count))
            return fault(
                img, "is for a shim whose runs of frames are in no order; make the domain anew");
        free += h->run[i].count;
    }
    if (free != h->free || h->store_gfn >= MAX_GFN || h->console_gfn >= MAX_GFN)
        return fault(
            img, "is for a shim that contradicts itself about free frames; make the domain anew");
    return true;
}

/* What is known of a guest that runs. */
static bool kind_check(struct image *img, const struct handover *h)
{
    if (h->widths != img->width)
        return fault(img,
                     "is of a %u-bit guest, which this shim can't take; make its sidecar of the "
                     "guest's own kernel",
                     8 * img->width);
    return features_check(img, h->feature);
}

/* Can this shim take this guest? */
static bool guest_check(struct image *img, const struct handover *h)
{
    if (img->highest_vcpu >= h->nr_vcpus)
        return fault(img, "has a vCPU %u, and the domain has %u; give it as many as the guest had",
                     img->highest_vcpu, h->nr_vcpus);
    for (unsigned int id = 0; id <= img->highest_vcpu; id++) {
        struct xsave_head x;

        if (!img->vcpu[id].context.len)
            continue;
        if (!xsave_head(img, &img->vcpu[id], &x))
            return false;
        if (x.accum & ~h->xcr0)
            return fault(img,
                         "has used parts of the CPU (XCR0 %#llx) that the domain hasn't (%#llx); "
                         "use sidecar-switch, which boots it anew",
                         (unsigned long long)x.accum, h->xcr0);
    }
    return true;
}

/* A frame of a domain that was destroyed stays mapped, but can't be mapped once more. */
static bool domain_lives(struct domain *d, uint64_t gfn)
{
    void *p = d->map(d, &gfn, 1);

    if (p)
        d->unmap(d, p, 1);
    return p;
}

/* Until the shim has an answer. */
static bool answer(struct image *img, struct domain *d, uint64_t gfn, volatile struct handover *h,
                   unsigned int timeout)
{
    uint64_t now = now_ms(), end = now + 1000ull * timeout, look = now + LOOK_MS;
    char why[sizeof(h->why)];

    for (; h->state == HANDOVER_GO && now < end; now = now_ms()) {
        usleep(1000);
        if (now < look)
            continue;
        if (!domain_lives(d, gfn))
            return fault(img, "was written, but the domain is gone; see the logs of its end");
        look = now + LOOK_MS;
    }
    switch (h->state) {
    case HANDOVER_TAKEN:
        return true;
    case HANDOVER_GO:
        return fault(
            img, "was written, but the shim hasn't answered within %u s; see the domain's console",
            timeout);
    case HANDOVER_REFUSED:
        for (size_t i = 0; i < sizeof(why); i++)
            why[i] = h->why[i] >= ' ' && h->why[i] <= '~' ? h->why[i] : 0;
        why[sizeof(why) - 1] = 0;
        return fault(img, "was refused by the shim: %s", why[0] ? why : "?");
    default:
        return fault(img, "was written, and the shim's state is %u; see the domain's console",
                     h->state);
    }
}

static bool hand_over(struct image *img, struct domain *d, uint64_t at, struct handover *page,
                      unsigned int timeout, struct handoff *times)
{
    uint64_t bytes = directory_bytes(img), pages = directory_pages(img), gfn, began = now_ms();
    struct handover h;
    void *directory;
    bool good;

    memcpy(&h, page, sizeof(h)); /* once: it lies in the domain's memory */
    if (!shim_check(img, &h) || !kind_check(img, &h) || !guest_check(img, &h) ||
        !frames_assign(img, &h, pages, &gfn))
        return false;
    directory = calloc(1, bytes);
    if (!directory)
        return fault(img, "can't be written to the domain: dom0 has no memory; give dom0 more");
    good = fill_pages(img, d, h.store_gfn, h.console_gfn) && directory_make(img, directory) &&
           fill_run(img, d, gfn, directory, bytes);
    free(directory);
    if (!good)
        return false;
    times->fill_ms = now_ms() - began;
    page->guest = gfn;
    __atomic_store_n(&page->state, HANDOVER_GO, __ATOMIC_RELEASE);
    good = answer(img, d, at, page, timeout);
    times->wait_ms = now_ms() - began - times->fill_ms;
    return good;
}

static struct handover *mailbox(struct image *img, struct domain *d, const uint64_t *gfn)
{
    struct handover *page = d->map(d, gfn, 1);

    if (!page)
        fault(img,
              "has nobody to take it: frame %#llx of the domain can't be mapped: %s; see xl dmesg",
              (unsigned long long)*gfn, strerror(errno));
    return page;
}

bool handoff_fits(struct image *img, struct domain *d, uint64_t gfn)
{
    struct handover *page = mailbox(img, d, &gfn), h;

    if (!page)
        return false;
    memcpy(&h, page, sizeof(h));
    d->unmap(d, page, 1);
    return shim_check(img, &h) && kind_check(img, &h);
}

bool handoff(struct image *img, struct domain *d, uint64_t gfn, unsigned int timeout,
             struct handoff *times)
{
    struct handover *page = mailbox(img, d, &gfn);
    bool good;

    if (!page)
        return false;
    good = hand_over(img, d, gfn, page, timeout, times);
    d->unmap(d, page, 1);
    return good;
}
