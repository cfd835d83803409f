/* SPDX-License-Identifier: MIT */
/* The opcode maps of one and two bytes: what follows an opcode.  AMD64 APM volume 3, appendix A. */
#ifndef SHIM_OPCODES_H
#define SHIM_OPCODES_H

#include "types.h"

enum {
    FOLLOWS_MODRM = 1,
    FOLLOWS_BYTE = 2,       /* an immediate of 1 byte */
    FOLLOWS_WORD = 4,       /* of 2 bytes */
    FOLLOWS_OPERAND = 8,    /* of 2 or 4 bytes, by operand size */
    FOLLOWS_FULL = 0x10,    /* of 2, 4 or 8 bytes, by operand size */
    FOLLOWS_ADDRESS = 0x20, /* an address, by address size */
    FOLLOWS_NEAR = 0x40,    /* a distance of 2 or 4 bytes; 64-bit code has 4 always */
    NOT_IN_64_BITS = 0x80,
    NO_OPCODE = 0x100,
};

/* A set of these.  Prefixes and 0f, 0f 38, 0f 3a, which lead to other maps, have none. */
unsigned int follows_one_byte(u8 opcode);
unsigned int follows_0f(u8 opcode);

#endif
