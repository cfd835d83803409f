// SPDX-License-Identifier: MIT
/* A page-table walk in tables of our own: rights of each level, large pages, bits, error codes. */
#include "unit.h"
#include "map.h"
#include "regs.h"
#include "walk.h"

#define FRAMES 16
#define DATA   0x1234 /* a frame of data: the only one there is, with those of a large page there */

static u64 frames[FRAMES][512];
static bool changing; /* another CPU takes the page away while we look */
u64 pte_nx;

u64 *walk_table(mfn_t mfn)
{
    if (changing && mfn == 4)
        frames[4][0] ^= PTE_W;
    return mfn && mfn < FRAMES ? frames[mfn] : NULL;
}

bool walk_data(mfn_t mfn)
{
    return mfn >= DATA && mfn < DATA + 0x100000;
}

#define ALL (PTE_P | PTE_W | PTE_U)

/* 1: L4, 2: L3, 3: L2, 4: L1; slot 0 of each, but of the L1 also the last. */
static int setup(void **state)
{
    (void)state;
    memset(frames, 0, sizeof(frames));
    changing = false;
    pte_nx = PTE_NX;
    for (u64 i = 1; i < 4; i++)
        frames[i][0] = (i + 1) << PAGE_SHIFT | ALL;
    frames[4][0] = (u64)DATA << PAGE_SHIFT | ALL;
    return 0;
}

static struct fault fault;
static u64 pa;

static bool at(u64 addr, u32 access)
{
    fault = (struct fault){0};
    pa = 0;
    return walk(1 << PAGE_SHIFT, addr, access, &pa, &fault);
}

static void faults(u64 addr, u32 access, u32 error_code)
{
    assert_false(at(addr, access));
    assert_int_equal(fault.vector, X86_PF);
    assert_int_equal(fault.error_code, error_code);
    assert_int_equal(fault.addr, addr);
}

static void the_frame_and_the_offset(void **state)
{
    (void)state;
    assert_true(at(0x123, PF_U));
    assert_int_equal(pa, ((u64)DATA << PAGE_SHIFT) + 0x123);
    assert_true(at(0xfff, 0));
    assert_int_equal(pa, ((u64)DATA << PAGE_SHIFT) + 0xfff);
}

/* The root's low bits are flags of CR3. */
static void every_index_is_looked_at(void **state)
{
    u64 addr = 1UL << 47 | 3UL << 39 | 5UL << 30 | 7UL << 21 | 9UL << 12 | 0xffff000000000000;

    (void)state;
    frames[1][0x103] = 5 << PAGE_SHIFT | ALL;
    frames[5][5] = 6 << PAGE_SHIFT | ALL;
    frames[6][7] = 7 << PAGE_SHIFT | ALL;
    frames[7][9] = (u64)(DATA + 1) << PAGE_SHIFT | ALL;
    assert_true(at(addr + 1, PF_U | PF_W));
    assert_int_equal(pa, ((u64)(DATA + 1) << PAGE_SHIFT) + 1);
    assert_true(walk((1 << PAGE_SHIFT) | 0x18, addr, 0, &pa, &fault));
    faults(addr + PAGE_SIZE, PF_U, PF_U);
}

static void what_is_absent_at_any_level(void **state)
{
    for (int i = 1; i <= 4; i++) {
        setup(state);
        frames[i][0] &= ~PTE_P;
        faults(0x10, PF_U, PF_U);
        faults(0x10, PF_U | PF_W, PF_U | PF_W);
        faults(0x10, PF_U | PF_I, PF_U | PF_I);
        faults(0x10, 0, 0);
    }
}

static void a_right_that_one_level_lacks(void **state)
{
    for (int i = 1; i <= 4; i++) {
        setup(state);
        frames[i][0] &= ~PTE_U;
        faults(0x10, PF_U, PF_P | PF_U);
        faults(0x10, PF_U | PF_W, PF_P | PF_U | PF_W);
        faults(0x10, PF_U | PF_I, PF_P | PF_U | PF_I);
        assert_true(at(0x10, PF_W)); /* the supervisor's */
        setup(state);
        frames[i][0] &= ~PTE_W;
        faults(0x10, PF_U | PF_W, PF_P | PF_U | PF_W);
        faults(0x10, PF_W, PF_P | PF_W);
        assert_true(at(0x10, PF_U));
        setup(state);
        frames[i][0] |= PTE_NX;
        faults(0x10, PF_U | PF_I, PF_P | PF_U | PF_I);
        faults(0x10, PF_I, PF_P | PF_I);
        assert_true(at(0x10, PF_U | PF_W));
    }
}

/* No page is more absent than forbidden. */
static void absence_before_rights(void **state)
{
    (void)state;
    frames[1][0] &= ~(PTE_U | PTE_W);
    frames[4][0] = 0;
    faults(0, PF_U | PF_W, PF_U | PF_W);
}

static void bits_are_set(void **state)
{
    (void)state;
    assert_true(at(0, PF_U));
    for (int i = 1; i <= 4; i++)
        assert_int_equal(frames[i][0] & (PTE_A | PTE_D), PTE_A);
    assert_true(at(0, PF_U | PF_W));
    for (int i = 1; i <= 4; i++)
        assert_int_equal(frames[i][0] & (PTE_A | PTE_D), i == 4 ? PTE_A | PTE_D : PTE_A);
}

static void no_bits_where_it_faults(void **state)
{
    (void)state;
    frames[4][0] &= ~PTE_W;
    faults(0, PF_W, PF_P | PF_W);
    for (int i = 1; i <= 4; i++)
        assert_int_equal(frames[i][0] & (PTE_A | PTE_D), 0);
}

static void large_pages(void **state)
{
    (void)state;
    frames[3][1] = 0x2000UL << PAGE_SHIFT | ALL | PTE_PS; /* 2 MiB */
    assert_true(at(0x2abcde, PF_U | PF_W));
    assert_int_equal(pa, (0x2000UL << PAGE_SHIFT) + 0xabcde);
    assert_int_equal(frames[3][1] & (PTE_A | PTE_D), PTE_A | PTE_D);
    frames[3][1] &= ~PTE_U;
    faults(0x2abcde, PF_U, PF_P | PF_U);
    frames[2][1] = 0x40000UL << PAGE_SHIFT | ALL | PTE_PS; /* 1 GiB */
    assert_true(at(0x6abcdef0, PF_U));
    assert_int_equal(pa, (0x40000UL << PAGE_SHIFT) + 0x2abcdef0);
    frames[2][1] |= PTE_NX;
    faults(0x6abcdef0, PF_U | PF_I, PF_P | PF_U | PF_I);
    frames[2][1] |= 1 << 20;
    faults(0x6abcdef0, PF_U, PF_P | PF_U | PF_RSVD);
}

/* In a level-1 entry the bit is another: PAT. */
static void bit_7_of_the_lowest_level(void **state)
{
    (void)state;
    frames[4][0] |= PTE_PS;
    assert_true(at(0x5, PF_U));
    assert_int_equal(pa, ((u64)DATA << PAGE_SHIFT) + 5);
}

static void what_is_reserved(void **state)
{
    (void)state;
    frames[1][0] |= PTE_PS;
    faults(0, PF_U, PF_P | PF_U | PF_RSVD);
    setup(state);
    frames[3][0] |= PTE_PS | 1 << 13;
    faults(0, PF_U, PF_P | PF_U | PF_RSVD);
    setup(state);
    pte_nx = 0; /* where there's no such bit, a fetch isn't told either */
    frames[4][0] |= PTE_NX;
    faults(0, PF_U | PF_I, PF_P | PF_U | PF_RSVD);
    frames[4][0] = 0;
    faults(0, PF_U | PF_I, PF_U);
}

/* Frames that aren't the guest's are never looked at or into. */
static void frames_of_others(void **state)
{
    for (int i = 1; i <= 4; i++) {
        setup(state);
        frames[i][0] = (u64)(FRAMES + 7) << PAGE_SHIFT | ALL;
        faults(0, PF_U, PF_P | PF_U | PF_RSVD);
        frames[i][0] = 0xffffffffffUL << PAGE_SHIFT | ALL;
        faults(0, PF_U, PF_P | PF_U | PF_RSVD);
    }
    assert_false(walk((FRAMES + 1) << PAGE_SHIFT, 0, 0, &pa, &fault));
    assert_false(walk(0, 0, 0, &pa, &fault));
}

/* An entry that never stays the same: an end, and a fault that can be tried again. */
static void another_cpu_changes_it(void **state)
{
    (void)state;
    changing = true;
    frames[4][0] &= ~PTE_A;
    if (!at(0, PF_U))
        assert_int_equal(fault.vector, X86_PF);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

static const struct CMUnitTest tests[] = {
    TEST(the_frame_and_the_offset),
    TEST(every_index_is_looked_at),
    TEST(what_is_absent_at_any_level),
    TEST(a_right_that_one_level_lacks),
    TEST(absence_before_rights),
    TEST(bits_are_set),
    TEST(no_bits_where_it_faults),
    TEST(large_pages),
    TEST(bit_7_of_the_lowest_level),
    TEST(what_is_reserved),
    TEST(frames_of_others),
    TEST(another_cpu_changes_it),
};

UNIT_MAIN(tests)
