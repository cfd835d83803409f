// SPDX-License-Identifier: MIT
/* The run-state area's two forms in memory. */
#include "unit.h"
#include "runstate_layout.h"

static const struct vcpu_runstate_info rs = {
    .state = RUNSTATE_blocked,
    .state_entry_time = 0x1122334455667788,
    .time = {1, 2UL << 32, 3, 0x8877665544332211},
};

static u64 word(const struct runstate_image *image, unsigned int at)
{
    u64 v;
    assert_true(at + sizeof(v) <= image->size);
    memcpy(&v, image->bytes + at, sizeof(v));
    return v;
}

static void bits64_is_the_structure(void **state)
{
    struct runstate_image image;
    (void)state;
    runstate_image(&image, &rs, 0, false);
    assert_int_equal(image.size, sizeof(rs));
    assert_int_equal(image.entry, offsetof(struct vcpu_runstate_info, state_entry_time));
    assert_memory_equal(image.bytes, &rs, sizeof(rs));
}

/* 44 bytes: no padding behind the state. */
static void bits32_has_no_gap(void **state)
{
    struct runstate_image image;
    u32 first;
    (void)state;
    runstate_image(&image, &rs, 0, true);
    assert_int_equal(image.size, 44);
    assert_int_equal(image.entry, 4);
    memcpy(&first, image.bytes, sizeof(first));
    assert_int_equal(first, RUNSTATE_blocked);
    assert_int_equal(word(&image, 4), rs.state_entry_time);
    for (unsigned int i = 0; i < 4; i++)
        assert_int_equal(word(&image, 12 + 8 * i), rs.time[i]);
}

static void flag_is_in_the_entry_time(void **state)
{
    struct runstate_image image;
    (void)state;
    runstate_image(&image, &rs, XEN_RUNSTATE_UPDATE, false);
    assert_int_equal(word(&image, 8), rs.state_entry_time | 1UL << 63);
    runstate_image(&image, &rs, XEN_RUNSTATE_UPDATE, true);
    assert_int_equal(word(&image, 4), rs.state_entry_time | 1UL << 63);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(bits64_is_the_structure),
    cmocka_unit_test(bits32_has_no_gap),
    cmocka_unit_test(flag_is_in_the_entry_time),
};

UNIT_MAIN(tests)
