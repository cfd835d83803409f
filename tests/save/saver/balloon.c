// SPDX-License-Identifier: MIT
/*
 * The guest's size as the toolstack wants it (memory/target): frames are given back from the end of
 * a spare area, and taken again up to what it had and, where L0 gives more (maxmem), beyond.
 * Nothing maps them but a window's page when one is looked at. Each holds numbers of its own, which
 * have to outlive a save, as have the holes.
 */
#include "saver.h"

#define SPARE     2048 /* pages, 8 MiB */
#define MORE      4096 /* beyond the size at start */
#define BATCH     256
#define NOT_THERE (~(xen_pfn_t)0)

static u8 spare[SPARE][PAGE_SIZE] page_aligned;
static xen_pfn_t frames[SPARE + MORE]; /* NOT_THERE: there is no such page now */
static ul held, target_seen;
static ul at; /* where one is mapped */

static xen_pfn_t pfn(ul i)
{
    return i < SPARE ? pfn_of(spare[i]) : start_info->nr_pages + i - SPARE;
}

static volatile u32 *mapped(ul i)
{
    if (set_pte_va(at, (u64)frames[i] << PAGE_SHIFT | PT_KERNEL, UVMF_INVLPG))
        panic("frame of page %lu", i);
    return (volatile u32 *)at;
}

static long reservation(int command, xen_pfn_t *list, ul n)
{
    struct xen_memory_reservation r = {.nr_extents = n, .domid = DOMID_SELF};

    set_xen_guest_handle(r.extent_start, list);
    return hc(memory_op, command, &r);
}

static void note(ul i, xen_pfn_t frame)
{
    frames[i] = frame;
    if (i < SPARE)
        ((xen_pfn_t *)start_info->mfn_list)[pfn(i)] = frame;
}

static void fill(ul i)
{
    volatile u32 *page = mapped(i);

    page[0] = (u32)i * 2654435761u;
    page[PAGE_SIZE / 4 - 1] = ~page[0];
}

void balloon_check(void)
{
    ul wrong = 0;

    for (ul i = 0; i < held; i++) {
        volatile u32 *page = mapped(i);

        wrong += page[0] != (u32)i * 2654435761u || page[PAGE_SIZE / 4 - 1] != ~page[0] ||
                 M2P[frames[i]] != pfn(i);
    }
    set_pte_va(at, 0, UVMF_INVLPG);
    check_num("balloon-wrong", (long)wrong, 0);
}

void balloon_init(ul va)
{
    at = va;
    for (ul i = 0; i < SPARE; i++) {
        frames[i] = mfn_of(spare[i]);
        if (set_pte_va((ul)spare[i], 0, UVMF_INVLPG))
            panic("spare page");
        fill(i);
    }
    held = SPARE;
    balloon_check();
}

static bool give_back(ul n)
{
    static xen_pfn_t list[BATCH];

    set_pte_va(at, 0, UVMF_INVLPG | UVMF_ALL);
    for (ul i = 0; i < n; i++) {
        list[i] = frames[held - 1 - i];
        note(held - 1 - i, NOT_THERE);
    }
    if (reservation(XENMEM_decrease_reservation, list, n) != (long)n)
        panic("decrease_reservation");
    held -= n;
    return true;
}

/* False: there is no more. */
static bool take(ul n)
{
    static xen_pfn_t list[BATCH];
    long done;

    for (ul i = 0; i < n; i++)
        list[i] = pfn(held + i);
    done = reservation(XENMEM_populate_physmap, list, n);
    for (long i = 0; i < done; i++, held++) {
        note(held, list[i]);
        fill(held);
    }
    return done == (long)n;
}

/* As a kernel's driver: target is all that the domain is to have, in KiB. */
void balloon_to(ul target)
{
    long want = (long)(target / 4) - (long)start_info->nr_pages + SPARE;
    bool more = true;

    if (target == target_seen)
        return;
    target_seen = target;
    want = want < 0 ? 0 : want > SPARE + MORE ? SPARE + MORE : want;
    while (more && held != (ul)want) {
        ul n = held > (ul)want ? held - want : want - held;

        n = n > BATCH ? BATCH : n;
        more = held > (ul)want ? give_back(n) : take(n);
    }
    balloon_check();
    print("GUEST balloon=%ld pages\n", (long)held - SPARE);
}
