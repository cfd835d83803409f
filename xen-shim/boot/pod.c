// SPDX-License-Identifier: MIT
/* See pod.h. */
#include "pod.h"

#include "frames.h"
#include "l0.h"
#include "ram.h"
#include "shim.h"

/*
 * What the domain has besides the RAM of the loader's map and is counted with it: 4 MiB of an
 * emulated display, the BIOS, ACPI tables, special pages.  L0 doesn't tell how much there is.
 */
#define OTHER_PAGES 1280

#define MIN_PAGES 8192 /* no kernel starts in less */

#define LARGE_ORDER 9
#define LARGE       (1UL << LARGE_ORDER)

u64 pod_released;

/* By 2 MiB where it can be: L0 has one entry for as much, and would have to break it up. */
static void give_back_extent(const struct extent *e)
{
    static bool only_single; /* 3.4 takes no larger extents from a domain without devices */
    mfn_t mfn = e->start;

    while (mfn < e->end) {
        const mfn_t from = mfn;
        bool large = !only_single && !(mfn & (LARGE - 1)) && e->end - mfn >= LARGE;
        u64 step = large ? LARGE : 1, n = 0;

        while (n < L0_BATCH && e->end - mfn >= step &&
               (large || only_single || n == 0 || mfn & (LARGE - 1))) {
            l0_batch[n++] = mfn;
            mfn += step;
        }
        s64 rc = l0_reservation(XENMEM_decrease_reservation, n, large ? LARGE_ORDER : 0);
        if (large && rc == 0) {
            only_single = true;
            mfn = from;
        } else if (rc < 0 || (u64)rc != n) {
            refuse("this host doesn't take memory above memory= back (%ld): set maxmem alike", rc);
        }
    }
    for (mfn = e->start; mfn < e->end; mfn++) {
        *frame_state(mfn) = FRAME_HOLE;
        frame_set_add(&holes, mfn);
    }
}

void pod_settle(void)
{
    domid_t self = DOMID_SELF;
    s64 pages = l0_call2(__HYPERVISOR_memory_op, XENMEM_current_reservation, &self);

    if (pages <= 0 || (u64)pages >= ram.frames)
        return;

    u64 excess = ram.frames - (u64)pages + OTHER_PAGES;
    if (ram_free_frames(&ram) < excess + MIN_PAGES)
        refuse("too little memory: %ld MiB of the %lu MiB that maxmem is; set memory higher",
               pages >> 8, ram.frames >> 8);
    while (pod_released < excess) {
        struct extent e = ram_take_top(&ram, excess - pod_released);
        give_back_extent(&e);
        pod_released += e.end - e.start;
    }
    for (unsigned int i = 0; i < ram.nr; i++)
        for (mfn_t mfn = ram.free[i].start; mfn < ram.free[i].end; mfn++)
            (void)*(volatile u64 *)mfn_va(mfn);
}
