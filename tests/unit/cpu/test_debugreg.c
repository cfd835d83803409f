// SPDX-License-Identifier: MIT
/* DR6 of a #DB: as the CPU tells it, and a step when the reading of it has lost that. */
#include "unit.h"
#include "debugreg.h"

#define TF X86_EFLAGS_TF

static void what_the_cpu_tells_is_kept(void **state)
{
    (void)state;
    for (u64 dr6 = DR6_ONES; dr6 <= (DR6_ONES | 0xf); dr6++)
        assert_true(debugreg_told(dr6, 0x202) == dr6);
    for (u64 dr6 = DR6_ONES | 1; dr6 <= (DR6_ONES | 0xf); dr6++)
        assert_true(debugreg_told(dr6, 0x202 | TF) == dr6);
    assert_true(debugreg_told(DR6_ONES | DR6_STEP, 0x202) == (DR6_ONES | DR6_STEP));
    assert_true(debugreg_told(DR6_ONES | DR6_STEP, TF) == (DR6_ONES | DR6_STEP));
    assert_true(debugreg_told(DR6_ONES | 0x2000, TF) == (DR6_ONES | 0x2000));
    assert_true(debugreg_told(DR6_ONES & ~0x800UL, TF) == (DR6_ONES & ~0x800UL)); /* a bus lock */
}

static void a_step_that_was_lost_is_one(void **state)
{
    (void)state;
    assert_true(debugreg_told(DR6_ONES, 0x202 | TF) == (DR6_ONES | DR6_STEP));
    assert_true(debugreg_told(DR6_ONES, 0x202) == DR6_ONES);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_the_cpu_tells_is_kept),
    cmocka_unit_test(a_step_that_was_lost_is_one),
};

UNIT_MAIN(tests)
