// SPDX-License-Identifier: MIT
/* See opcodes.h.  tests/unit/lib/test_disassembler.c has a disassembler look at each. */
#include "opcodes.h"

/* The maps, a letter for each opcode: */
static unsigned int follows(char letter)
{
    switch (letter) {
    case 'M':
        return FOLLOWS_MODRM;
    case 'B':
        return FOLLOWS_BYTE;
    case 'W':
        return FOLLOWS_WORD;
    case 'Z':
        return FOLLOWS_OPERAND;
    case 'V':
        return FOLLOWS_FULL;
    case 'A':
        return FOLLOWS_ADDRESS;
    case 'J':
        return FOLLOWS_NEAR;
    case 'X':
        return NOT_IN_64_BITS;
    case 'm':
        return FOLLOWS_MODRM | FOLLOWS_BYTE;
    case 'z':
        return FOLLOWS_MODRM | FOLLOWS_OPERAND;
    case 'E': /* ENTER */
        return FOLLOWS_WORD | FOLLOWS_BYTE;
    case 'x':
        return FOLLOWS_MODRM | NOT_IN_64_BITS;
    case 'y':
        return FOLLOWS_MODRM | FOLLOWS_BYTE | NOT_IN_64_BITS;
    case 'b':
        return FOLLOWS_BYTE | NOT_IN_64_BITS;
    case 'F': /* a far pointer */
        return FOLLOWS_OPERAND | FOLLOWS_WORD | NOT_IN_64_BITS;
    case 'U':
        return NO_OPCODE;
    }
    return 0;
}

static const char one_byte[] = "MMMMBZXXMMMMBZX." /* 00; 0f leads to another map */
                               "MMMMBZXXMMMMBZXX" /* 10 */
                               "MMMMBZ.XMMMMBZ.X" /* 20 */
                               "MMMMBZ.XMMMMBZ.X" /* 30 */
                               "................" /* 40 */
                               "................" /* 50 */
                               "XXxM....ZzBm...." /* 60 */
                               "BBBBBBBBBBBBBBBB" /* 70 */
                               "mzymMMMMMMMMMMMM" /* 80 */
                               "..........F....." /* 90 */
                               "AAAA....BZ......" /* a0 */
                               "BBBBBBBBVVVVVVVV" /* b0 */
                               "mmW.xxmzE.W..BX." /* c0 */
                               "MMMMbbX.MMMMMMMM" /* d0 */
                               "BBBBBBBBJJFB...." /* e0 */
                               "......MM......MM" /* f0 */;

static const char two_byte[] = "MMMMU.....U.UM.m" /* 00 */
                               "MMMMMMMMMMMMMMMM" /* 10 */
                               "MMMMUUUUMMMMMMMM" /* 20 */
                               "......U..U.UUUUU" /* 30; 38 and 3a lead to others */
                               "MMMMMMMMMMMMMMMM" /* 40 */
                               "MMMMMMMMMMMMMMMM" /* 50 */
                               "MMMMMMMMMMMMMMMM" /* 60 */
                               "mmmmMMM.MMUUMMMM" /* 70 */
                               "JJJJJJJJJJJJJJJJ" /* 80 */
                               "MMMMMMMMMMMMMMMM" /* 90 */
                               "...MmMUU...MmMMM" /* a0 */
                               "MMMMMMMMMMmMMMMM" /* b0 */
                               "MMmMmmmM........" /* c0 */
                               "MMMMMMMMMMMMMMMM" /* d0 */
                               "MMMMMMMMMMMMMMMM" /* e0 */
                               "MMMMMMMMMMMMMMMM" /* f0 */;

unsigned int follows_one_byte(u8 opcode)
{
    return follows(one_byte[opcode]);
}

unsigned int follows_0f(u8 opcode)
{
    return follows(two_byte[opcode]);
}
