// SPDX-License-Identifier: MIT
/* CPUID asked once: the same as the CPU's own, and how often the CPU was asked. */
#define COUNTING
#include "unit.h"
#include "count.h"
#include "cpuid_cache.h"

static unsigned long asked(void)
{
    return counters[COUNT_cpuid];
}

/* A thread may move to another CPU in between; these don't differ there. */
static void is_as_the_cpu(u32 leaf, u32 subleaf)
{
    struct cpuid c = cpuid_cached(leaf, subleaf), cpu = cpuid(leaf, subleaf);

    assert_int_equal(c.a, cpu.a);
    assert_int_equal(c.c, cpu.c);
    assert_int_equal(c.d, cpu.d);
    if (leaf != 1)
        assert_int_equal(c.b, cpu.b);
}

static void leaves_are_the_cpus(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        for (u32 leaf = 0; leaf <= 8; leaf++)
            is_as_the_cpu(leaf, 0);
        for (u32 sub = 0; sub < 4; sub++)
            is_as_the_cpu(4, sub);
        is_as_the_cpu(0x80000000, 0);
        is_as_the_cpu(0x80000001, 0);
        for (u32 sub = 0; sub < 4; sub++)
            is_as_the_cpu(0x8000001d, sub);
    }
}

static void once_for_each_leaf(void **state)
{
    unsigned long before;

    (void)state;
    cpuid_cached(0, 0);
    cpuid_cached(7, 1);
    before = asked();
    for (u32 n = 0; n < 100; n++) {
        cpuid_cached(0, n); /* no subleaves: ECX is what the program left there */
        cpuid_cached(7, 1);
    }
    assert_int_equal(asked() - before, 0);
}

/* Each vCPU has its own APIC id, and each XCR0 its own sizes. */
static void what_differs_is_asked_anew(void **state)
{
    static const u32 leaves[][2] = {{0xb, 0},  {0xd, 0},        {0xd, 1},
                                    {0x1f, 0}, {0x8000001e, 0}, {0x40000003, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof(leaves) / sizeof(*leaves); i++) {
        unsigned long before = asked();
        cpuid_cached(leaves[i][0], leaves[i][1]);
        cpuid_cached(leaves[i][0], leaves[i][1]);
        assert_int_equal(asked() - before, 2);
    }
}

/* The last test: the table is full after it. */
static void more_than_it_keeps(void **state)
{
    (void)state;
    for (int round = 0; round < 2; round++)
        for (u32 sub = 2; sub < 500; sub++)
            is_as_the_cpu(4, sub);
    is_as_the_cpu(0, 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(leaves_are_the_cpus),
    cmocka_unit_test(once_for_each_leaf),
    cmocka_unit_test(what_differs_is_asked_anew),
    cmocka_unit_test(more_than_it_keeps),
};

UNIT_MAIN(tests)
