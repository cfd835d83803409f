// SPDX-License-Identifier: MIT
/* See pod.h. */
#include "pod.h"

#include "frames.h"
#include "l0.h"
#include "layout.h"
#include "pci.h"
#include "ram.h"
#include "shim.h"

/*
 * What the domain has besides the RAM of the loader's map and is counted with it: the BIOS, ACPI
 * tables, special pages, 4 MiB of an emulated display; 8 where one is seen, as libvirt can't leave
 * it out and libxl takes its memory from the domain's.  L0 doesn't tell how much there is.
 */
#define OTHER_PAGES       1280
#define DISPLAY_CLASS     0x030000
#define LARGE_DISPLAY_MIB 8

#define MIN_PAGES 8192 /* no kernel starts in less */

#define LARGE_ORDER 9
#define LARGE       (1UL << LARGE_ORDER)

/* Pages of it that are there at start in no MiB of the domain's: a few special ones, less the hole
 * below 1 MiB.  Seen: -4. */
#define ODD_PAGES 64

u64 pod_mib;

/* Frames that the domain has, where these are fewer than its map shows; 0 where not, or L0 doesn't
 * say. */
static u64 fewer_pages(void)
{
    domid_t self = DOMID_SELF;
    s64 pages = l0_call2(__HYPERVISOR_memory_op, XENMEM_current_reservation, &self);

    return pages > 0 && (u64)pages < ram.frames ? (u64)pages : 0;
}

static void find_by_call(mfn_t mfn)
{
    l0_call2(__HYPERVISOR_xen_version, XENVER_extraversion, mfn_va(mfn));
}

void pod_init(void)
{
    /* Nothing can be written there: whether there is such a call is all that is asked. */
    if (fewer_pages() &&
        l0_call2(__HYPERVISOR_xen_version, XENVER_commandline, M2P_RO) == -XEN_ENOSYS)
        ram_find = find_by_call;
}

/*
 * Of 2 MiB that were found in part L0 before 4.11 takes the pages that weren't, and then stops at
 * the first of these, as it's gone; so does whoever asks for such a page alone.  Returns how many
 * were taken: those that had been found.
 */
static u64 give_back_singly(mfn_t mfn)
{
    u64 taken = 0;

    for (u64 i = 0; i < LARGE; i++) {
        l0_batch[0] = mfn + i;
        taken += l0_reservation(XENMEM_decrease_reservation, 1, 0) == 1;
    }
    return taken;
}

/* By 2 MiB where it can be: L0 has one entry for as much, and would have to break it up.  Returns
 * 0, L0's error, or -XEN_ENOMEM when it just took less. */
static s64 give_back_extent(const struct extent *e)
{
    static bool only_single; /* 3.4 takes no larger extents from a domain without devices */
    mfn_t mfn = e->start;
    s64 rc = 0;

    while (mfn < e->end) {
        const mfn_t from = mfn;
        bool large = !only_single && !(mfn & (LARGE - 1)) && e->end - mfn >= LARGE;
        u64 step = large ? LARGE : 1, n = 0;

        while (n < L0_BATCH && e->end - mfn >= step &&
               (large || only_single || n == 0 || mfn & (LARGE - 1))) {
            l0_batch[n++] = mfn;
            mfn += step;
        }
        rc = l0_reservation(XENMEM_decrease_reservation, n, large ? LARGE_ORDER : 0);
        if (rc >= 0 && (u64)rc == n)
            continue;
        mfn = from + (rc > 0 ? (u64)rc * step : 0);
        u64 taken = large && rc >= 0 ? give_back_singly(mfn) : 0;
        if (!taken)
            break;
        mfn += LARGE;
        only_single = rc == 0 && taken == LARGE;
    }
    ram.returned += mfn - e->start;
    for (mfn_t gone = e->start; gone < mfn; gone++) {
        *frame_state(gone) = FRAME_HOLE;
        frame_set_add(&holes, gone);
    }
    return mfn == e->end ? 0 : rc < 0 ? rc : -XEN_ENOMEM;
}

void pod_give_back_all(mfn_t start, mfn_t end)
{
    give_back_extent(&(struct extent){start, end});
}

void pod_give_back(u64 frames)
{
    while (frames) {
        struct extent e = ram_take_top(&ram, frames);
        if (e.start == e.end || give_back_extent(&e))
            return;
        frames -= e.end - e.start;
    }
}

void pod_settle(void)
{
    s64 pages = (s64)fewer_pages();

    if (!pages)
        return;
    if (pci_find_class(DISPLAY_CLASS) >= 0)
        pages -= LARGE_DISPLAY_MIB << 8;
    if (pages <= 0)
        refuse("too little memory: %lu MiB; give the domain more", ram.frames >> 8);
    u64 excess = ram.frames - (u64)pages + OTHER_PAGES;
    if (ram_free_frames(&ram) < excess + MIN_PAGES)
        refuse("too little memory: %ld MiB of the %lu MiB that maxmem is; set memory higher",
               pages >> 8, ram.frames >> 8);
    while (ram.returned < excess) {
        struct extent e = ram_take_top(&ram, excess - ram.returned);
        s64 rc = give_back_extent(&e);
        if (rc)
            refuse("this host doesn't take memory above memory= back (%ld): set maxmem alike", rc);
    }
    pod_mib = ((u64)pages + ODD_PAGES) >> 8;
    for (unsigned int i = 0; i < ram.nr; i++)
        for (mfn_t mfn = ram.free[i].start; mfn < ram.free[i].end; mfn++) {
            if (ram_find)
                ram_find(mfn);
            (void)*(volatile u64 *)mfn_va(mfn);
        }
    ram_find = NULL;
}
