// SPDX-License-Identifier: MIT
/* libFuzzer's entry: any bytes as a saved guest.  One that passes the checks is written to a
 * domain, whose frames are one buffer that nobody reads.  make_saved.c makes the seeds. */
#include <string.h>

#include "../../../sidecar/load/check.h"
#include "../../../sidecar/load/handoff.h"
#include "../../../xen-shim/boot/handover.h"

static char frames[MAP_PAGES * PAGE];
static union {
    struct handover h;
    char page[PAGE];
} shim;

static void *map(struct domain *d, const uint64_t *gfn, size_t n)
{
    (void)d;
    if (n == 1 && *gfn == 0)
        return &shim;
    if (n > MAP_PAGES)
        __builtin_trap();
    for (size_t i = 0; i < n; i++)
        if (gfn[i] == 0) /* of no run: a page that has got no frame */
            __builtin_trap();
    return frames;
}

static void unmap(struct domain *d, void *p, size_t n)
{
    (void)d, (void)p, (void)n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source src;
    struct image img = {.src = &src};
    struct domain d = {.map = map, .unmap = unmap};
    struct handoff times;
    bool good;

    source_memory(&src, data, size);
    good = image_read(&img) && image_check(&img);
    if (good != !img.why[0])
        __builtin_trap();
    if (good) {
        shim.h = (struct handover){.magic = HANDOVER_MAGIC,
                                   .version = HANDOVER_VERSION,
                                   .state = HANDOVER_WAIT,
                                   .nr_vcpus = MAX_VCPUS,
                                   .widths = img.width,
                                   .xcr0 = ~0ULL,
                                   .feature = {~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u},
                                   .store_gfn = 1,
                                   .console_gfn = 2,
                                   .nr_runs = 2,
                                   .free = 1000 + (1 << 20),
                                   .run = {{16, 1000}, {2000, 1 << 20}}};
        /* nobody answers; only too many pages may keep it from getting there */
        handoff(&img, &d, 0, 0, &times);
        if (shim.h.state != HANDOVER_GO && !strstr(img.why, "frames"))
            __builtin_trap();
    }
    image_free(&img);
    return 0;
}
