// SPDX-License-Identifier: MIT
/* Instructions by their bytes.  tests/unit/fuzz compares many more with a disassembler's view. */
#include "unit.h"
#include "decode.h"

static struct insn in;

/* Decodes the bytes of a string literal. */
#define DECODE(bits, s) decode(&in, (const u8 *)(s), sizeof(s) - 1, (bits))

/* It has all of the bytes, no fewer and no more. */
#define IS(bits, s)                                                                                \
    do {                                                                                           \
        assert_int_equal(DECODE(bits, s), DECODED);                                                \
        assert_int_equal(in.length, sizeof(s) - 1);                                                \
        for (unsigned int n = 0; n < sizeof(s) - 1; n++) {                                         \
            struct insn part;                                                                      \
            u8 *exact = malloc(n + !n); /* so that a look behind the end shows */                  \
            memcpy(exact, s, n);                                                                   \
            assert_int_equal(decode(&part, exact, n, bits), DECODE_MORE);                          \
            free(exact);                                                                           \
        }                                                                                          \
        assert_int_equal(DECODE(bits, s "\xcc\xcc"), DECODED);                                     \
        assert_int_equal(in.length, sizeof(s) - 1);                                                \
    } while (0)

static void ports(void **state)
{
    (void)state;
    IS(64, "\xe4\x80");
    assert_int_equal(in.opcode, 0xe4);
    assert_int_equal(in.imm, 0x80);
    assert_int_equal(in.imm_bytes, 1);
    IS(64, "\xed");
    assert_int_equal(in.operand_bytes, 4);
    IS(64, "\x66\xed");
    assert_int_equal(in.operand_bytes, 2);
    IS(64, "\x48\x66\xed"); /* this REX doesn't count */
    assert_int_equal(in.operand_bytes, 2);
    assert_int_equal(in.rex, 0);
    IS(64, "\x66\x48\x6d");
    assert_int_equal(in.operand_bytes, 8);
    IS(64, "\xf3\x67\x6c");
    assert_int_equal(in.rep, 0xf3);
    assert_int_equal(in.address_bytes, 4);
    IS(64, "\xf3\xf2\x6e");
    assert_int_equal(in.rep, 0xf2);
    IS(32, "\x66\x67\x6f");
    assert_int_equal(in.operand_bytes, 2);
    assert_int_equal(in.address_bytes, 2);
    IS(16, "\x6f");
    assert_int_equal(in.operand_bytes, 2);
    assert_int_equal(in.address_bytes, 2);
    IS(16, "\x66\x67\x6f");
    assert_int_equal(in.operand_bytes, 4);
    assert_int_equal(in.address_bytes, 4);
}

static void segments(void **state)
{
    static const struct {
        const char *bytes;
        u8 in64, in32;
    } list[] = {{"\x26\x6e", SEG_NONE, SEG_ES}, {"\x2e\x6e", SEG_NONE, SEG_CS},
                {"\x36\x6e", SEG_NONE, SEG_SS}, {"\x3e\x6e", SEG_NONE, SEG_DS},
                {"\x64\x6e", SEG_FS, SEG_FS},   {"\x65\x6e", SEG_GS, SEG_GS}};

    (void)state;
    for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
        assert_int_equal(decode(&in, (const u8 *)list[i].bytes, 2, 64), DECODED);
        assert_int_equal(in.segment, list[i].in64);
        assert_int_equal(decode(&in, (const u8 *)list[i].bytes, 2, 32), DECODED);
        assert_int_equal(in.segment, list[i].in32);
    }
    IS(64, "\x64\x3e\x6e"); /* what is ignored doesn't take back what isn't */
    assert_int_equal(in.segment, SEG_FS);
    IS(64, "\x64\x65\x6e");
    assert_int_equal(in.segment, SEG_GS);
    IS(32, "\x64\x3e\x6e");
    assert_int_equal(in.segment, SEG_DS);
    IS(64, "\x6e");
    assert_int_equal(in.segment, SEG_NONE);
}

static void modrm(void **state)
{
    (void)state;
    IS(64, "\x8e\xd0"); /* mov %eax, %ss */
    assert_int_equal(in.mod, 3);
    assert_int_equal(in.reg, SEG_SS);
    assert_int_equal(in.rm, 0);
    IS(64, "\x41\x8e\xd7"); /* mov %r15d, %ss */
    assert_int_equal(in.rm, 15);
    IS(64, "\x8e\x50\xf0"); /* mov -16(%rax), %ss */
    assert_int_equal(in.disp, -16);
    IS(64, "\x8e\x90\x78\x56\x34\x92");
    assert_true(in.disp == (s32)0x92345678);
    IS(64, "\x8e\x15\x10\x00\x00\x00"); /* RIP-relative */
    assert_int_equal(in.disp_bytes, 4);
    assert_false(in.has_sib);
    IS(64, "\x8e\x14\x24"); /* (%rsp) */
    assert_true(in.has_sib && in.index == 4 && in.base == 4);
    IS(64, "\x43\x8e\x54\xa7\x08"); /* 8(%r15, %r12, 4) */
    assert_true(in.scale == 4 && in.index == 12 && in.base == 15 && in.disp == 8);
    IS(64, "\x41\x8e\x55\x00"); /* (%r13) */
    assert_true(in.rm == 13 && in.disp_bytes == 1 && in.disp == 0);
    IS(64, "\x8e\x14\xcd\x00\x10\x00\x00"); /* 0x1000(, %rcx, 8) */
    assert_true(in.mod == 0 && in.base == 5 && in.disp == 0x1000 && in.scale == 8);
    IS(64, "\x41\x8e\x14\x25\x00\x10\x00\x00"); /* the base is R13's number, and none */
    assert_true(in.base == 13 && in.disp == 0x1000);
    IS(16, "\x8e\x16\x34\x12"); /* 0x1234, in 16 bits */
    assert_true(in.disp_bytes == 2 && in.disp == 0x1234);
    IS(16, "\x8e\x50\x80");
    assert_int_equal(in.disp, -128);
    IS(16, "\x67\x8e\x14\x24");
    assert_true(in.has_sib);
}

static void control_registers(void **state)
{
    (void)state;
    IS(64, "\x0f\x22\xd8"); /* mov %rax, %cr3 */
    assert_true(in.map == MAP_0F && in.opcode == 0x22 && in.reg == 3 && in.rm == 0);
    IS(64, "\x44\x0f\x20\xc0"); /* mov %cr8, %rax */
    assert_int_equal(in.reg, 8);
    IS(64, "\x0f\x20\x05"); /* mod is as if it were 3: no displacement */
    assert_int_equal(in.rm, 5);
    IS(64, "\x0f\x01\xd1"); /* xsetbv */
    assert_true(in.mod == 3 && in.reg == 2 && in.rm == 1);
    IS(64, "\x0f\xa2");
    IS(64, "\x0f\x06");
    IS(64, "\x0f\x30");
    assert_int_equal(DECODE(64, "\xf0\x0f\x20\xc0"), DECODE_UNDEFINED);
}

static void immediates(void **state)
{
    (void)state;
    IS(64, "\xcd\x80");
    assert_int_equal(in.imm, 0x80);
    IS(64, "\xca\x08\x00");
    assert_int_equal(in.imm, 8);
    IS(64, "\x48\xcb");
    assert_int_equal(in.operand_bytes, 8);
    IS(64, "\x48\xb8\x01\x02\x03\x04\x05\x06\x07\x88");
    assert_true(in.imm == 0x8807060504030201);
    IS(64, "\x66\xb8\x01\x02");
    IS(64, "\x48\x81\xc0\x01\x02\x03\x84");
    assert_int_equal(in.imm, 0x84030201);
    IS(64, "\xf6\x00\x01"); /* test has an immediate, */
    IS(64, "\xf6\x08\x01");
    IS(64, "\xf7\x00\x01\x02\x03\x04");
    IS(64, "\xf6\x10"); /* not hasn't */
    IS(64, "\xf7\x38");
    IS(64, "\xc8\x10\x00\x01");
    assert_int_equal(in.imm, 0x010010);
    IS(64, "\xa1\x01\x02\x03\x04\x05\x06\x07\x08");
    assert_true(in.disp == 0x0807060504030201);
    IS(64, "\x67\xa1\x01\x02\x03\x04");
    IS(32, "\xea\x01\x02\x03\x04\x33\xe0");
    assert_true(in.imm == 0xe03304030201 && in.imm_bytes == 6);
    IS(32, "\x66\xea\x01\x02\x33\xe0");
    IS(32, "\xe8\x01\x02\x03\x04");
    IS(16, "\xe8\x01\x02");
    IS(64, "\x0f\x84\x01\x02\x03\x04");
    IS(64, "\x0f\xba\xe0\x05");
    IS(64, "\x66\x0f\x3a\x0f\xc1\x08");
    IS(64, "\x0f\x38\xf0\x00");
}

static void far_forms(void **state)
{
    (void)state;
    IS(64, "\x48\xff\x28"); /* rex.w ljmp *(%rax) */
    assert_true(in.opcode == 0xff && in.reg == 5 && in.operand_bytes == 8);
    IS(64, "\xff\x18");
    assert_true(in.reg == 3 && in.operand_bytes == 4);
    IS(64, "\x4c\x0f\xb2\x1a"); /* lss (%rdx), %r11 */
    assert_true(in.map == MAP_0F && in.opcode == 0xb2 && in.reg == 11 && in.rm == 2);
}

static void what_64_bit_code_lacks(void **state)
{
    static const u8 gone[] = {0x06, 0x07, 0x0e, 0x16, 0x17, 0x1e, 0x1f, 0x27, 0x2f, 0x37,
                              0x3f, 0x60, 0x61, 0x82, 0x9a, 0xce, 0xd4, 0xd5, 0xd6, 0xea};

    (void)state;
    for (size_t i = 0; i < sizeof(gone); i++) {
        u8 bytes[8] = {gone[i]};
        assert_int_equal(decode(&in, bytes, 8, 64), DECODE_UNDEFINED);
        assert_int_equal(decode(&in, bytes, 8, 32), DECODED);
    }
    assert_int_equal(DECODE(64, "\x8e\xc8"), DECODE_UNDEFINED); /* mov %eax, %cs */
    assert_int_equal(DECODE(64, "\x8e\xf0"), DECODE_UNDEFINED); /* no such register */
    assert_int_equal(DECODE(64, "\x0f\x04"), DECODE_UNDEFINED);
}

static void vectors(void **state)
{
    (void)state;
    assert_int_equal(DECODE(64, "\xc5\xf8\x77"), DECODE_VECTOR);
    assert_int_equal(DECODE(64, "\xc4\xe2\x7d\x18\x00"), DECODE_VECTOR);
    assert_int_equal(DECODE(64, "\x62\xf1\x7c\x48\x10\x00"), DECODE_VECTOR);
    assert_int_equal(DECODE(32, "\xc5\xf8\x77"), DECODE_VECTOR);
    IS(32, "\xc5\x00"); /* lds */
    IS(32, "\x62\x00"); /* bound */
    assert_int_equal(DECODE(64, "\x8f\xe9\x78\x81\x00"), DECODE_VECTOR);
    IS(64, "\x8f\x00"); /* pop */
}

static void locks(void **state)
{
    (void)state;
    IS(64, "\xf0\x01\x00");
    IS(64, "\xf0\x83\x00\x01");
    IS(64, "\xf0\x0f\xb1\x08");
    IS(64, "\xf0\x0f\xc7\x08");
    IS(64, "\xf0\x87\x00");
    assert_int_equal(DECODE(64, "\xf0\x01\xc0"), DECODE_UNDEFINED);     /* a register */
    assert_int_equal(DECODE(64, "\xf0\x39\x00"), DECODE_UNDEFINED);     /* cmp */
    assert_int_equal(DECODE(64, "\xf0\x83\x38\x01"), DECODE_UNDEFINED); /* cmp */
    assert_int_equal(DECODE(64, "\xf0\x03\x00"), DECODE_UNDEFINED);     /* memory is the source */
    assert_int_equal(DECODE(64, "\xf0\xec"), DECODE_UNDEFINED);
    assert_int_equal(DECODE(64, "\xf0\x0f\xba\x20\x01"), DECODE_UNDEFINED); /* bt */
    assert_int_equal(DECODE(64, "\xf0\xcd\x80"), DECODE_UNDEFINED);
}

static void fifteen_bytes(void **state)
{
    u8 bytes[32];

    (void)state;
    for (unsigned int prefixes = 0; prefixes < 20; prefixes++) {
        enum decode_result want = prefixes <= 13 ? DECODED : DECODE_TOO_LONG;
        memset(bytes, 0x66, sizeof(bytes));
        bytes[prefixes] = 0xe4;
        bytes[prefixes + 1] = 0x80;
        assert_int_equal(decode(&in, bytes, sizeof(bytes), 64), want);
        assert_int_equal(decode(&in, bytes, INSN_MAX, 64), want);
        if (want == DECODED)
            assert_int_equal(in.length, prefixes + 2);
    }
    memset(bytes, 0x66, sizeof(bytes));
    assert_int_equal(decode(&in, bytes, 14, 64), DECODE_MORE);
    assert_int_equal(decode(&in, bytes, 0, 64), DECODE_MORE);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(ports),
    cmocka_unit_test(segments),
    cmocka_unit_test(modrm),
    cmocka_unit_test(control_registers),
    cmocka_unit_test(immediates),
    cmocka_unit_test(far_forms),
    cmocka_unit_test(what_64_bit_code_lacks),
    cmocka_unit_test(vectors),
    cmocka_unit_test(locks),
    cmocka_unit_test(fifteen_bytes),
};

UNIT_MAIN(tests)
