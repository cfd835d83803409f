// SPDX-License-Identifier: MIT
/* Memory above memory= goes back to an L0 that takes whole pieces of 2 MiB as its versions do. */
#include "unit.h"
#include "frames.h"
#include "l0.h"
#include "pci.h"
#include "ram.h"

#define FRAMES 0x2000
static u8 states[FRAMES];
#define frame_state(mfn) (&states[mfn])
#include "../../../xen-shim/boot/pod.c"

struct ram ram;
void (*ram_find)(mfn_t mfn);
struct frame_set holes;
struct l0_facts l0;
u64 l0_batch[L0_BATCH];

/* L0's view of each page: to be found on demand, found, gone. */
static enum { POD, FOUND, GONE } page[FRAMES];
static enum { V3_4, V4_8, V4_17 } version;
static unsigned int calls;

void frame_set_add(struct frame_set *s, mfn_t mfn)
{
    (void)s, (void)mfn;
}

s64 l0_call(u32 nr, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    fail_msg("%u %lu %lu %lu %lu %lu", nr, a1, a2, a3, a4, a5);
    return 0;
}

int pci_find_class(u32 class)
{
    (void)class;
    return -1;
}

u64 ram_free_frames(const struct ram *r)
{
    return r->frames;
}

struct extent ram_take_top(struct ram *r, u64 n)
{
    (void)r, (void)n;
    return (struct extent){0, 0};
}

/* One extent, as the version does it: true when all of it is gone by this. */
static bool decrease(mfn_t mfn, u64 pages)
{
    bool mixed = false;

    if (pages > 1 && version == V3_4)
        return false;
    for (u64 i = 1; i < pages; i++)
        mixed |= (page[mfn + i] == POD) != (page[mfn] == POD);
    for (u64 i = 0; i < pages; i++)
        if (page[mfn + i] == POD)
            page[mfn + i] = GONE;
        else if (!mixed && page[mfn + i] == GONE)
            return false;
        else if (!mixed || version == V4_17)
            page[mfn + i] = GONE;
    return !mixed || version == V4_17;
}

s64 l0_reservation(u32 op, u64 n, u32 order)
{
    assert_int_equal(op, XENMEM_decrease_reservation);
    calls++;
    for (u64 i = 0; i < n; i++)
        if (!decrease(l0_batch[i], 1UL << order))
            return (s64)i;
    return (s64)n;
}

/* Frames 0x300 to 0x1700, of which a few were touched before the shim ran. */
static void give_back_some(void)
{
    memset(states, 0, sizeof(states));
    for (mfn_t i = 0; i < FRAMES; i++)
        page[i] = version == V3_4 ? FOUND : POD;
    page[0x400 + 7] = page[0x1200] = page[0x13ff] = page[0x1000 + 511] = FOUND;
    ram = (struct ram){.frames = FRAMES};
    calls = 0;
    pod_give_back_all(0x300, 0x1700);
    assert_int_equal(ram.returned, 0x1400);
    for (mfn_t i = 0; i < FRAMES; i++) {
        bool given = i >= 0x300 && i < 0x1700;
        assert_int_equal(page[i] == GONE, given);
        assert_int_equal(states[i], given ? FRAME_HOLE : 0);
    }
}

static void pages_found_in_a_large_piece_go_too(void **state)
{
    (void)state;
    version = V4_17;
    give_back_some();
    assert_in_range(calls, 3, 4);
    version = V4_8;
    give_back_some();
    assert_in_range(calls, 3 * LARGE, 4 * LARGE);
}

/* Last: it is remembered. */
static void who_takes_no_large_pieces_gets_small_ones(void **state)
{
    (void)state;
    version = V3_4;
    give_back_some();
    assert_in_range(calls, LARGE, LARGE + 32);
}

static void who_takes_nothing_is_told(void **state)
{
    const struct extent none = {0x1800, 0x1a00};

    (void)state;
    version = V4_8;
    for (mfn_t i = none.start; i < none.end; i++)
        page[i] = GONE;
    ram.returned = 0;
    assert_int_equal(give_back_extent(&none), -XEN_ENOMEM);
    assert_int_equal(ram.returned, 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(pages_found_in_a_large_piece_go_too),
    cmocka_unit_test(who_takes_nothing_is_told),
    cmocka_unit_test(who_takes_no_large_pieces_gets_small_ones),
};

UNIT_MAIN(tests)
