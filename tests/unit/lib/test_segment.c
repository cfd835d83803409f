// SPDX-License-Identifier: MIT
/* Descriptors: their fields, their bounds, and who may load them with CPL 3. */
#include "unit.h"
#include "regs.h"
#include "segment.h"

#define DESC(base, type, limit, flags)                                                             \
    ((u64)((limit)&0xffff) | ((u64)(base)&0xffffff) << 16 | (u64)(type) << 40 |                    \
     (u64)((limit) >> 16 & 15) << 48 | (u64)(flags) << 52 | ((u64)(base) >> 24 & 0xff) << 56)

enum { G = 8, BIG = 4, LONG = 2 };

static void fields(void **state)
{
    struct segment s = segment_decode(DESC(0x89abcdef, 0xf3, 0x54321, 0));

    (void)state;
    assert_int_equal(s.base, 0x89abcdef);
    assert_int_equal(s.limit, 0x54321);
    assert_int_equal(s.dpl, 3);
    assert_true(s.valid && s.present && !s.code && s.readable && s.writable);
    assert_false(s.down || s.conforming || s.big || s.code64);
    s = segment_decode(DESC(0, 0x9b, 0x12, G | LONG));
    assert_int_equal(s.limit, 0x12fff);
    assert_int_equal(s.dpl, 0);
    assert_true(s.code && s.readable && s.code64 && !s.writable && !s.big);
    s = segment_decode(DESC(0, 0xf9, 0, BIG));
    assert_true(s.code && !s.readable && s.big && !s.code64);
    assert_true(segment_decode(DESC(0, 0xfd, 0, 0)).conforming);
    assert_true(segment_decode(DESC(0, 0xf5, 0, 0)).down);
    assert_false(segment_decode(DESC(0, 0xf1, 0, 0)).writable);
    assert_true(segment_decode(DESC(0, 0xf1, 0, 0)).readable);
    assert_false(segment_decode(DESC(0, 0x73, 0, 0)).present);
    assert_false(segment_decode(DESC(0, 0xe9, 0, 0)).valid); /* TSS */
    assert_false(segment_decode(0).valid);
    assert_false(segment_decode(DESC(0, 0xf3, 0, LONG)).code64); /* of data it means nothing */
}

static void bounds(void **state)
{
    struct segment s = segment_decode(DESC(0, 0xf3, 0xfff, BIG));

    (void)state;
    assert_true(segment_covers(&s, 0, 1));
    assert_true(segment_covers(&s, 0xfff, 1));
    assert_true(segment_covers(&s, 0xffc, 4));
    assert_false(segment_covers(&s, 0xffd, 4));
    assert_false(segment_covers(&s, 0x1000, 1));
    assert_false(segment_covers(&s, 0xffffffff, 4));
    s = segment_decode(DESC(0, 0xf3, 0xfffff, G | BIG));
    assert_true(segment_covers(&s, 0xffffffff, 1));
    assert_false(segment_covers(&s, 0xffffffff, 2));
    assert_false(segment_covers(&s, 0xfffffffd, 4));
}

static void bounds_of_what_expands_down(void **state)
{
    struct segment s = segment_decode(DESC(0, 0xf7, 0x7ff, BIG));

    (void)state;
    assert_false(segment_covers(&s, 0x7ff, 1));
    assert_false(segment_covers(&s, 0x7ff, 4));
    assert_true(segment_covers(&s, 0x800, 4));
    assert_true(segment_covers(&s, 0xffffffff, 1));
    assert_false(segment_covers(&s, 0xffffffff, 2));
    s = segment_decode(DESC(0, 0xf7, 0x7ff, 0));
    assert_true(segment_covers(&s, 0xffff, 1));
    assert_false(segment_covers(&s, 0xffff, 2));
    assert_false(segment_covers(&s, 0x10000, 1));
}

static u8 code(u16 sel, u64 desc, enum transfer how)
{
    struct segment s = segment_decode(desc);
    return segment_code_fault(&s, sel, how);
}

static u8 stack(u16 sel, u64 desc)
{
    struct segment s = segment_decode(desc);
    return segment_stack_fault(&s, sel);
}

/* As seen by plain PV guests on Xen: tests/guests/far. */
static void loads_of_code(void **state)
{
    const u64 good = DESC(0, 0xfb, 0xfffff, G | LONG),
              conforming = DESC(0, 0xff, 0xfffff, G | LONG);

    (void)state;
    assert_int_equal(code(0x0b, good, TRANSFER_RETURN), 0);
    assert_int_equal(code(0x0b, good, TRANSFER_JUMP), 0);
    for (u16 rpl = 0; rpl < 3; rpl++) {
        assert_int_equal(code(0x08 | rpl, good, TRANSFER_JUMP), 0);
        assert_int_equal(code(0x08 | rpl, good, TRANSFER_RETURN), X86_GP);
        assert_int_equal(code(0x08 | rpl, conforming, TRANSFER_RETURN), X86_GP);
    }
    assert_int_equal(code(0x08, conforming, TRANSFER_JUMP), 0);
    assert_int_equal(code(0x0b, DESC(0, 0x9f, 0, LONG), TRANSFER_RETURN),
                     0); /* DPL 0, conforming */
    assert_int_equal(code(0x0b, DESC(0, 0xbb, 0, LONG), TRANSFER_JUMP), X86_GP); /* DPL 1 */
    assert_int_equal(code(0x0b, DESC(0, 0xbb, 0, LONG), TRANSFER_RETURN), X86_GP);
    assert_int_equal(code(0x0b, DESC(0, 0x7b, 0, LONG), TRANSFER_RETURN), X86_NP);
    assert_int_equal(code(0x08, DESC(0, 0x7b, 0, LONG), TRANSFER_RETURN), X86_GP);
    assert_int_equal(code(0x08, DESC(0, 0x7b, 0, LONG), TRANSFER_JUMP), X86_NP);
    assert_int_equal(code(0x0b, DESC(0, 0xf3, 0, 0), TRANSFER_JUMP), X86_GP); /* data */
    assert_int_equal(code(0x0b, DESC(0, 0xec, 0, 0), TRANSFER_JUMP), X86_GP); /* a call gate */
    assert_int_equal(code(0x0b, 0, TRANSFER_JUMP), X86_GP);
    for (u16 null = 0; null < 4; null++) {
        assert_int_equal(code(null, good, TRANSFER_JUMP), X86_GP);
        assert_int_equal(code(null, good, TRANSFER_RETURN), X86_GP);
    }
    assert_int_equal(code(0x0b, DESC(0, 0xfb, 0, LONG | BIG), TRANSFER_JUMP), X86_GP);
}

static void loads_of_ss(void **state)
{
    const u64 good = DESC(0, 0xf3, 0xfffff, G | BIG);

    (void)state;
    assert_int_equal(stack(0x0b, good), 0);
    for (u16 rpl = 0; rpl < 3; rpl++)
        assert_int_equal(stack(0x08 | rpl, good), X86_GP);
    assert_int_equal(stack(0x0b, DESC(0, 0xf7, 0, 0)), 0); /* expands down */
    assert_int_equal(stack(0x0b, DESC(0, 0xf1, 0, 0)), X86_GP);
    assert_int_equal(stack(0x0b, DESC(0, 0xfb, 0, LONG)), X86_GP);
    assert_int_equal(stack(0x0b, DESC(0, 0x93, 0, 0)), X86_GP);
    assert_int_equal(stack(0x0b, DESC(0, 0x73, 0, 0)), X86_SS);
    assert_int_equal(stack(0x08, DESC(0, 0x73, 0, 0)), X86_GP);
    assert_int_equal(stack(0x0b, DESC(0, 0x7b, 0, LONG)), X86_GP);
    assert_int_equal(stack(0x0b, 0), X86_GP);
    for (u16 null = 0; null < 4; null++)
        assert_int_equal(stack(null, good), X86_GP);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(fields),
    cmocka_unit_test(bounds),
    cmocka_unit_test(bounds_of_what_expands_down),
    cmocka_unit_test(loads_of_code),
    cmocka_unit_test(loads_of_ss),
};

UNIT_MAIN(tests)
