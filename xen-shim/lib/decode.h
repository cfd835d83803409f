/* SPDX-License-Identifier: MIT */
/*
 * What an instruction's bytes say, and nothing else: no registers, no memory, no state.  AMD64 APM
 * volume 3, chapter 1 and appendix A; Intel SDM volume 2, chapter 2.  emulate.c acts on it.
 */
#ifndef SHIM_DECODE_H
#define SHIM_DECODE_H

#include "types.h"

#define INSN_MAX 15 /* a longer one is #GP */

enum insn_map { MAP_ONE, MAP_0F, MAP_0F38, MAP_0F3A };

/* As the CPU numbers them in MOV to and from them. */
enum segment_register { SEG_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS, SEG_GS, SEG_NONE };

#define REX_W 8u
#define REX_R 4u
#define REX_X 2u
#define REX_B 1u

struct insn {
    u8 bits;   /* of the code segment: 16, 32, 64 */
    u8 length; /* of the whole, with prefixes */
    u8 map, opcode;
    u8 rex;                      /* 0 = none; only the one that counts */
    bool opsize, addrsize, lock; /* 66, 67, f0 */
    u8 rep;                      /* f2, f3, whichever came last; 0 = none */
    u8 segment;                  /* SEG_*: the override that counts, or SEG_NONE */
    u8 operand_bytes;            /* 2, 4, 8; instructions of fixed size don't care */
    u8 address_bytes;            /* 2, 4, 8 */
    bool has_modrm, has_sib;
    u8 mod, reg, rm;          /* reg and rm with REX.R and REX.B; rm 4 with a SIB is none */
    u8 scale, index, base;    /* scale 1, 2, 4, 8; with REX.X and REX.B */
    u8 disp_bytes, imm_bytes; /* 0, 1, 2, 4, 8; of far pointers and ENTER all bytes */
    s64 disp;                 /* sign-extended; MOV moffs: the address */
    u64 imm;                  /* as it lies there, not sign-extended */
};

enum decode_result {
    DECODED,
    DECODE_MORE,      /* the bytes end before the instruction does */
    DECODE_TOO_LONG,  /* no instruction within INSN_MAX bytes: #GP */
    DECODE_UNDEFINED, /* #UD: no such opcode in this mode, or LOCK where it may not be */
    DECODE_VECTOR,    /* VEX, EVEX or XOP: nothing here looks into those */
};

/* The instruction at the start of n bytes, for code of 16, 32 or 64 bits.  Never reads beyond n;
 * *in has no meaning unless it returns DECODED. */
enum decode_result decode(struct insn *in, const u8 *bytes, unsigned int n, unsigned int bits);

#endif
