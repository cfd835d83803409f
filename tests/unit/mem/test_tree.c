// SPDX-License-Identifier: MIT
/* The search for a frame in a tree of page tables. */
#include "unit.h"
#include "map.h"
#include "tree.h"

#define FRAMES 32
#define TABLE  (PTE_P | PTE_W | PTE_U | PTE_A)
#define L4     1 /* frame numbers; what isn't in the tree has no number here */
#define L3     2
#define L3_2   3
#define L2     4
#define L2_2   5
#define L1     6
#define L1_2   7
#define OTHER  8
#define DATA   20

static u64 frames[FRAMES][512];
static u32 looked_at;

static const u64 *table(mfn_t mfn, u8 level)
{
    (void)level;
    looked_at++;
    return mfn < FRAMES && mfn != OTHER ? frames[mfn] : NULL;
}

static void link_to(u64 from, u32 i, u64 to)
{
    frames[from][i] = to << PAGE_SHIFT | TABLE;
}

static int start(void **state)
{
    (void)state;
    memset(frames, 0, sizeof(frames));
    looked_at = 0;
    link_to(L4, 3, L3);
    link_to(L4, 511, L3_2);
    link_to(L3, 0, L2);
    link_to(L3_2, 510, L2_2);
    link_to(L2, 5, L1);
    link_to(L2_2, 511, L1_2);
    link_to(L1, 9, DATA);
    return 0;
}

static struct tree_search search;

static u8 find(mfn_t wanted, const u64 *known, u32 at_once, u32 *parts)
{
    u8 level;

    search = (struct tree_search){.wanted = wanted};
    *parts = 0;
    do {
        u32 tables = at_once;
        level = tree_search(&search, frames[L4], known, &tables, table);
        ++*parts;
    } while (level == TREE_AGAIN);
    return level;
}

static u8 find_all(mfn_t wanted)
{
    u32 parts;
    u8 level = find(wanted, NULL, 1000, &parts);

    assert_int_equal(parts, 1);
    return level;
}

static void each_level_is_told(void **state)
{
    (void)state;
    assert_int_equal(find_all(L3), 3);
    assert_int_equal(find_all(L3_2), 3);
    assert_int_equal(find_all(L2), 2);
    assert_int_equal(find_all(L2_2), 2);
    assert_int_equal(find_all(L1), 1);
    assert_int_equal(find_all(L1_2), 1);
}

static void path_leads_to_it(void **state)
{
    (void)state;
    find_all(L1_2);
    assert_ptr_equal(search.path[0], &frames[L4][511]);
    assert_ptr_equal(search.path[1], &frames[L3_2][510]);
    assert_ptr_equal(search.path[2], &frames[L2_2][511]);
}

static void data_is_no_table(void **state)
{
    (void)state;
    assert_int_equal(find_all(DATA), 0);
    assert_int_equal(find_all(OTHER), 0);
}

static void entries_that_are_not_present_or_large_lead_nowhere(void **state)
{
    (void)state;
    frames[L2][5] &= ~PTE_P;
    frames[L2_2][511] |= PTE_PS;
    assert_int_equal(find_all(L1), 0);
    assert_int_equal(find_all(L1_2), 0);
    frames[L3_2][510] |= PTE_PS;
    assert_int_equal(find_all(L2_2), 0);
}

static void hypervisors_slots_are_not_the_guests(void **state)
{
    (void)state;
    for (u32 slot = 256; slot < 272; slot++)
        link_to(L4, slot, OTHER);
    assert_int_equal(find_all(OTHER), 0);
    link_to(L4, 272, OTHER);
    assert_int_equal(find_all(OTHER), 3);
    link_to(L4, 272, 0);
    link_to(L4, 255, OTHER);
    assert_int_equal(find_all(OTHER), 3);
}

static void frames_that_may_not_be_read_are_left_out(void **state)
{
    (void)state;
    link_to(L4, 3, OTHER);
    assert_int_equal(find_all(L1), 0);
    assert_int_equal(find_all(L1_2), 1);
}

static void known_entries_are_left_out(void **state)
{
    u64 known[512] = {0};
    u32 parts;

    (void)state;
    known[3] = frames[L4][3] ^ (PTE_A | PTE_D);
    assert_int_equal(find(L1, known, 1000, &parts), 0);
    assert_int_equal(find(L1_2, known, 1000, &parts), 1);
    looked_at = 0;
    find(DATA, known, 1000, &parts);
    assert_int_equal(looked_at, 2);
}

static void parts_come_to_the_same_end(void **state)
{
    u32 parts;

    (void)state;
    for (u32 i = 0; i < 100; i++)
        link_to(L3, 10 + i, L2_2);
    for (u32 at_once = 2; at_once < 8; at_once++) {
        assert_int_equal(find(L1, NULL, at_once, &parts), 1);
        assert_int_equal(find(L1_2, NULL, at_once, &parts), 1);
        looked_at = 0;
        assert_int_equal(find(DATA, NULL, at_once, &parts), 0);
        /* 102 level-2 tables, and the level-3 tables once more for each part */
        assert_in_range(looked_at, 104, 104 + parts);
        assert_in_range(parts, 104 / at_once, 104 / (at_once - 1) + 2);
    }
}

/* The four entries that a 32-bit guest's L3 has; what lies behind them is nothing. */
static void below_an_l3_of_four(void **state)
{
    u64 known[4] = {0};
    u32 tables = 1000;

    (void)state;
    link_to(L3, 3, L2_2);
    link_to(L3, 4, OTHER);
    search = (struct tree_search){.wanted = L1_2};
    assert_int_equal(tree_search_l3(&search, frames[L3], NULL, &tables, table), 1);
    assert_null(search.path[0]);
    assert_ptr_equal(search.path[1], &frames[L3][3]);
    assert_ptr_equal(search.path[2], &frames[L2_2][511]);
    search = (struct tree_search){.wanted = L2};
    assert_int_equal(tree_search_l3(&search, frames[L3], NULL, &tables, table), 2);
    search = (struct tree_search){.wanted = OTHER};
    assert_int_equal(tree_search_l3(&search, frames[L3], NULL, &tables, table), 0);
    known[3] = L2_2 << PAGE_SHIFT | PTE_P; /* with other rights */
    search = (struct tree_search){.wanted = L1_2};
    assert_int_equal(tree_search_l3(&search, frames[L3], known, &tables, table), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(each_level_is_told, start),
    cmocka_unit_test_setup(path_leads_to_it, start),
    cmocka_unit_test_setup(data_is_no_table, start),
    cmocka_unit_test_setup(entries_that_are_not_present_or_large_lead_nowhere, start),
    cmocka_unit_test_setup(hypervisors_slots_are_not_the_guests, start),
    cmocka_unit_test_setup(frames_that_may_not_be_read_are_left_out, start),
    cmocka_unit_test_setup(known_entries_are_left_out, start),
    cmocka_unit_test_setup(parts_come_to_the_same_end, start),
    cmocka_unit_test_setup(below_an_l3_of_four, start),
};

UNIT_MAIN(tests)
