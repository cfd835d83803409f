/* SPDX-License-Identifier: MIT */
/* What decode() says of some bytes beside what capstone's disassembler says. */
#ifndef UNIT_DISASSEMBLER_H
#define UNIT_DISASSEMBLER_H

#include "types.h"

enum agreement {
    AGREED,  /* in all that both say */
    UNKNOWN, /* the disassembler knows no such instruction, or is known to be wrong about it */
    DIFFER,  /* *why tells */
};

#define WHY_SIZE 320

/* n bytes as code of 16, 32 or 64 bits.  why: of WHY_SIZE bytes. */
enum agreement disassembler_agrees(const u8 *bytes, size_t n, unsigned int bits, char *why);

#endif
