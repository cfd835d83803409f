// SPDX-License-Identifier: MIT
/* Effective addresses, and registers of different widths. */
#include "unit.h"
#include "operand.h"

static struct regs regs = {.rax = 0x1000,
                           .rcx = 0x20,
                           .rdx = 0x300000000,
                           .rbx = 0xb000,
                           .rsp = 0x5000,
                           .rbp = 0x60000,
                           .rsi = 0x7007,
                           .rdi = 0xffff8,
                           .r8 = 8,
                           .r12 = 0x1200000000,
                           .r13 = 0x13,
                           .r15 = -1UL,
                           .rip = 0xffffffff80000000};

static u64 offset(unsigned int bits, const char *bytes, unsigned int n)
{
    struct insn in;

    assert_int_equal(decode(&in, (const u8 *)bytes, n, bits), DECODED);
    return operand_offset(&regs, &in);
}

#define OFFSET(bits, s, want) assert_true(offset(bits, s, sizeof(s) - 1) == (u64)(want))

static void of_64_bit_code(void **state)
{
    (void)state;
    OFFSET(64, "\x8e\x10", 0x1000);
    OFFSET(64, "\x8e\x50\xf0", 0xff0);
    OFFSET(64, "\x8e\x15\x10\x00\x00\x00", 0xffffffff80000016); /* RIP behind it */
    OFFSET(64, "\x41\x8e\x15\x10\x00\x00\x00", 0xffffffff80000017);
    OFFSET(64, "\x67\x8e\x15\x10\x00\x00\x00", 0x80000017);
    OFFSET(64, "\x8e\x14\x24", 0x5000);
    OFFSET(64, "\x8e\x54\x24\x08", 0x5008);
    OFFSET(64, "\x8e\x14\x88", 0x1080);                        /* (%rax, %rcx, 4) */
    OFFSET(64, "\x8e\x14\xa0", 0x1000);                        /* no index */
    OFFSET(64, "\x42\x8e\x14\xa0", 0x1000 + 4 * 0x1200000000); /* R12 is one */
    OFFSET(64, "\x8e\x14\xcd\x00\x10\x00\x00", 0x1100);        /* no base */
    OFFSET(64, "\x41\x8e\x14\x25\x00\x10\x00\x00", 0x1000);
    OFFSET(64, "\x8e\x55\x00", 0x60000);
    OFFSET(64, "\x41\x8e\x55\x00", 0x13);
    OFFSET(64, "\x41\x8e\x14\x24", 0x1200000000);
    OFFSET(64, "\x41\x8e\x17", -1);
    OFFSET(64, "\x67\x8e\x12", 0);
    OFFSET(64, "\x67\x41\x8e\x17", 0xffffffff);
    OFFSET(64, "\x8e\x12", 0x300000000);
}

static void of_32_and_16_bit_code(void **state)
{
    (void)state;
    OFFSET(32, "\x8e\x15\x10\x00\x00\x00", 0x10);
    OFFSET(32, "\x8e\x50\xf0", 0xff0);
    OFFSET(16, "\x8e\x10", (0xb000 + 0x7007) & 0xffff);
    OFFSET(16, "\x8e\x11", (0xb000 + 0xffff8) & 0xffff);
    OFFSET(16, "\x8e\x12", 0x7007);         /* BP + SI */
    OFFSET(16, "\x8e\x16\x34\x12", 0x1234); /* in the place of BP */
    OFFSET(16, "\x8e\x56\x00", 0);          /* BP */
    OFFSET(16, "\x8e\x57\xff", 0xafff);     /* BX - 1 */
    OFFSET(16, "\x8e\x54\x02", 0x7009);
    OFFSET(16, "\x8e\x55\x00", 0xfff8);
}

static void widths(void **state)
{
    u64 reg = 0x1122334455667788;

    (void)state;
    assert_true(operand_get(reg, 8) == reg);
    assert_true(operand_get(reg, 4) == 0x55667788);
    assert_true(operand_get(reg, 2) == 0x7788);
    assert_true(operand_get(reg, 1) == 0x88);
    operand_set(&reg, 1, ~0UL);
    assert_true(reg == 0x11223344556677ff);
    operand_set(&reg, 2, 0x10000);
    assert_true(reg == 0x1122334455660000);
    operand_set(&reg, 4, ~0UL);
    assert_true(reg == 0xffffffff);
    operand_set(&reg, 8, ~0UL);
    assert_true(reg == ~0UL);
}

static void registers(void **state)
{
    (void)state;
    assert_ptr_equal(operand_gpr(&regs, 0), &regs.rax);
    assert_ptr_equal(operand_gpr(&regs, 4), &regs.rsp);
    assert_ptr_equal(operand_gpr(&regs, 7), &regs.rdi);
    assert_ptr_equal(operand_gpr(&regs, 8), &regs.r8);
    assert_ptr_equal(operand_gpr(&regs, 15), &regs.r15);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(of_64_bit_code),
    cmocka_unit_test(of_32_and_16_bit_code),
    cmocka_unit_test(widths),
    cmocka_unit_test(registers),
};

UNIT_MAIN(tests)
