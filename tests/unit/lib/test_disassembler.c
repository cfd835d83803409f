// SPDX-License-Identifier: MIT
/* Every opcode of the four maps, with all sorts of ModRM and prefixes, beside a disassembler. */
#include "unit.h"
#include "disassembler.h"

static const char *const prefix_lists[] = {"",     "\x66",     "\x67", "\xf3",     "\xf2", "\x48",
                                           "\x45", "\x66\x48", "\x64", "\x67\x41", "\xf0", "\x2e"};
static const char *const maps[] = {"", "\x0f", "\x0f\x38", "\x0f\x3a"};

static void sweep(unsigned int bits)
{
    unsigned long agreed = 0;
    char why[WHY_SIZE] = "";

    for (size_t p = 0; p < sizeof(prefix_lists) / sizeof(*prefix_lists); p++)
        for (size_t map = 0; map < 4; map++)
            for (unsigned int op = 0; op < 256; op++)
                for (unsigned int m = 0; m < 256; m += p ? 7 : 1) {
                    u8 code[32] = {0};
                    size_t n = strlen(prefix_lists[p]);

                    memcpy(code, prefix_lists[p], n);
                    memcpy(code + n, maps[map], strlen(maps[map]));
                    n += strlen(maps[map]);
                    code[n++] = (u8)op;
                    code[n++] = (u8)m;
                    for (size_t i = n; i < sizeof(code); i++)
                        code[i] = (u8)(0x11 * (i - n + 1));
                    switch (disassembler_agrees(code, 15, bits, why)) {
                    case AGREED:
                        agreed++;
                        break;
                    case DIFFER:
                        fail_msg("%u bits, prefixes %zu, map %zu, opcode %02x %02x: %s", bits, p,
                                 map, op, m, why);
                    default:
                        break;
                    }
                }
    assert_true(agreed > 250000);
}

static void opcodes_in_16_bits(void **state)
{
    (void)state;
    sweep(16);
}

static void opcodes_in_32_bits(void **state)
{
    (void)state;
    sweep(32);
}

static void opcodes_in_64_bits(void **state)
{
    (void)state;
    sweep(64);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(opcodes_in_16_bits),
    cmocka_unit_test(opcodes_in_32_bits),
    cmocka_unit_test(opcodes_in_64_bits),
};

UNIT_MAIN(tests)
