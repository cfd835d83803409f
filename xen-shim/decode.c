// SPDX-License-Identifier: MIT
/* See decode.h. */
#include "decode.h"

/* What follows an opcode. */
enum {
    M = 1,     /* ModRM */
    B = 2,     /* immediate of 1 byte */
    W = 4,     /* of 2 bytes */
    Z = 8,     /* of 2 or 4 bytes, by operand size */
    V = 0x10,  /* of 2, 4 or 8 bytes, by operand size */
    A = 0x20,  /* an address, by address size */
    J = 0x40,  /* a distance of 2 or 4 bytes; 64-bit code has 4 always */
    X = 0x80,  /* not in 64-bit code */
    F = Z | W, /* a far pointer */
    U = X | A, /* undefined in any */
};

#define FOUR(a)  (a), (a), (a), (a)
#define EIGHT(a) FOUR(a), FOUR(a)
#define ARITH    FOUR(M), B, Z, X, X

static const u8 one_byte[256] = {
    /* 00 */ ARITH,
    ARITH, /* 0f leads to another map */
    /* 10 */ ARITH,
    ARITH,
    /* 20 */ ARITH,
    ARITH,
    /* 30 */ ARITH,
    ARITH,
    /* 40 */ EIGHT(0),
    EIGHT(0),
    /* 50 */ EIGHT(0),
    EIGHT(0),
    /* 60 */ X,
    X,
    M | X,
    M,
    0,
    0,
    0,
    0,
    Z,
    M | Z,
    B,
    M | B,
    0,
    0,
    0,
    0,
    /* 70 */ EIGHT(B),
    EIGHT(B),
    /* 80 */ M | B,
    M | Z,
    M | B | X,
    M | B,
    FOUR(M),
    EIGHT(M),
    /* 90 */ EIGHT(0),
    0,
    0,
    F | X,
    0,
    0,
    0,
    0,
    0,
    /* a0 */ FOUR(A),
    0,
    0,
    0,
    0,
    B,
    Z,
    0,
    0,
    0,
    0,
    0,
    0,
    /* b0 */ EIGHT(B),
    EIGHT(V),
    /* c0 */ M | B,
    M | B,
    W,
    0,
    M | X,
    M | X,
    M | B,
    M | Z,
    W | B,
    0,
    W,
    0,
    0,
    B,
    X,
    0,
    /* d0 */ FOUR(M),
    B | X,
    B | X,
    X,
    0,
    EIGHT(M),
    /* e0 */ EIGHT(B),
    J,
    J,
    F | X,
    B,
    0,
    0,
    0,
    0,
    /* f0 */ 0,
    0,
    0,
    0,
    0,
    0,
    M,
    M,
    0,
    0,
    0,
    0,
    0,
    0,
    M,
    M,
};

static const u8 two_byte[256] = {
    /* 00 */ M,
    M,
    M,
    M,
    U,
    0,
    0,
    0,
    0,
    0,
    U,
    0,
    U,
    M,
    0,
    M | B,
    /* 10 */ EIGHT(M),
    EIGHT(M),
    /* 20 */ M,
    M,
    M,
    M,
    U,
    U,
    U,
    U,
    EIGHT(M),
    /* 30 */ 0,
    0,
    0,
    0,
    0,
    0,
    U,
    0,
    0,
    U,
    0,
    U,
    U,
    U,
    U,
    U,
    /* 40 */ EIGHT(M),
    EIGHT(M),
    /* 50 */ EIGHT(M),
    EIGHT(M),
    /* 60 */ EIGHT(M),
    EIGHT(M),
    /* 70 */ FOUR(M | B),
    M,
    M,
    M,
    0,
    M,
    M,
    U,
    U,
    M,
    M,
    M,
    M,
    /* 80 */ EIGHT(J),
    EIGHT(J),
    /* 90 */ EIGHT(M),
    EIGHT(M),
    /* a0 */ 0,
    0,
    0,
    M,
    M | B,
    M,
    U,
    U,
    0,
    0,
    0,
    M,
    M | B,
    M,
    M,
    M,
    /* b0 */ EIGHT(M),
    M,
    M,
    M | B,
    M,
    M,
    M,
    M,
    M,
    /* c0 */ M,
    M,
    M | B,
    M,
    M | B,
    M | B,
    M | B,
    M,
    EIGHT(0),
    /* d0 */ EIGHT(M),
    EIGHT(M),
    /* e0 */ EIGHT(M),
    EIGHT(M),
    /* f0 */ EIGHT(M),
    EIGHT(M),
};

struct cursor {
    const u8 *bytes;
    unsigned int at, n;
};

/* The next n bytes, little-endian.  False: not there; why_not says why. */
static bool take(struct cursor *c, unsigned int n, u64 *v)
{
    if (c->at + n > c->n)
        return false;
    *v = 0;
    for (unsigned int i = 0; i < n; i++)
        *v |= (u64)c->bytes[c->at++] << 8 * i;
    return true;
}

static enum decode_result why_not(const struct cursor *c)
{
    return c->n == INSN_MAX ? DECODE_TOO_LONG : DECODE_MORE;
}

static bool prefix(struct insn *in, u8 b)
{
    static const u8 segments[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65};

    switch (b) {
    case 0x66:
        in->opsize = true;
        return true;
    case 0x67:
        in->addrsize = true;
        return true;
    case 0xf0:
        in->lock = true;
        return true;
    case 0xf2:
    case 0xf3:
        in->rep = b;
        return true;
    }
    for (unsigned int s = SEG_ES; s <= SEG_GS; s++)
        if (b == segments[s]) {
            if (in->bits != 64 || s >= SEG_FS)
                in->segment = (u8)s;
            return true;
        }
    return false;
}

/* Up to and with the opcode's first byte. */
static bool prefixes(struct insn *in, struct cursor *c)
{
    u64 b;

    while (take(c, 1, &b)) {
        if (prefix(in, (u8)b)) {
            in->rex = 0; /* only directly in front of the opcode it counts */
        } else if (in->bits == 64 && (b & 0xf0) == 0x40) {
            in->rex = (u8)b;
        } else {
            in->opcode = (u8)b;
            return true;
        }
    }
    return false;
}

static void sizes(struct insn *in)
{
    if (in->bits == 64) {
        in->operand_bytes = in->rex & REX_W ? 8 : in->opsize ? 2 : 4;
        in->address_bytes = in->addrsize ? 4 : 8;
    } else {
        in->operand_bytes = (in->bits == 16) == in->opsize ? 4 : 2;
        in->address_bytes = (in->bits == 16) == in->addrsize ? 4 : 2;
    }
}

/* ModRM, SIB and displacement. */
static bool modrm(struct insn *in, struct cursor *c)
{
    u64 b, disp = 0;

    if (!take(c, 1, &b))
        return false;
    in->has_modrm = true;
    in->mod = (u8)(b >> 6);
    in->reg = (u8)((b >> 3 & 7) | (in->rex & REX_R) << 1);
    in->rm = (u8)((b & 7) | (in->rex & REX_B) << 3);
    if (in->map == MAP_0F && (in->opcode & 0xfc) == 0x20)
        in->mod = 3; /* control and debug registers: whatever it says */
    if (in->mod == 3)
        return true;
    in->disp_bytes = in->mod == 1 ? 1 : 0;
    if (in->address_bytes == 2) {
        if (in->mod == 2 || (in->mod == 0 && (b & 7) == 6))
            in->disp_bytes = 2;
    } else {
        bool none = (b & 7) == 5;
        if ((b & 7) == 4) {
            if (!take(c, 1, &b))
                return false;
            in->has_sib = true;
            in->scale = (u8)(1u << (b >> 6));
            in->index = (u8)((b >> 3 & 7) | (in->rex & REX_X) << 2);
            in->base = (u8)((b & 7) | (in->rex & REX_B) << 3);
            none = (b & 7) == 5;
        }
        if (in->mod == 2 || (in->mod == 0 && none))
            in->disp_bytes = 4;
    }
    if (!take(c, in->disp_bytes, &disp))
        return false;
    in->disp = in->disp_bytes == 1 ? (s8)disp : in->disp_bytes == 2 ? (s16)disp : (s32)disp;
    return true;
}

static unsigned int immediate(const struct insn *in, u8 what)
{
    unsigned int small = in->operand_bytes == 2 ? 2 : 4, n = 0;

    if (what & B)
        n += 1;
    if (what & W)
        n += 2;
    if (what & Z)
        n += small;
    if (what & V)
        n += in->operand_bytes;
    if (what & J)
        n += in->bits == 64 ? 4 : small;
    /* TEST has one, the others of its group haven't */
    if (in->map == MAP_ONE && (in->opcode & 0xfe) == 0xf6 && (in->reg & 6) == 0)
        n += in->opcode & 1 ? small : 1;
    /* EXTRQ and INSERTQ with their two bytes */
    if (in->map == MAP_0F && in->opcode == 0x78 && in->mod == 3 &&
        (in->rep == 0xf2 || (!in->rep && in->opsize)))
        n += 2;
    return n;
}

/* VEX, EVEX, XOP: in the place of LES, LDS, BOUND and POP of a kind that can't be. */
static bool is_vector(const struct insn *in, const struct cursor *c)
{
    u8 next = c->at < c->n ? c->bytes[c->at] : 0;

    switch (in->opcode) {
    case 0xc4:
    case 0xc5:
    case 0x62:
        return in->bits == 64 || next >> 6 == 3;
    case 0x8f:
        return (next & 0x1f) >= 8;
    }
    return false;
}

static bool may_lock(const struct insn *in)
{
    u8 op = in->opcode, reg = in->reg & 7;

    if (!in->has_modrm || in->mod == 3)
        return false;
    if (in->map == MAP_ONE)
        switch (op) {
        case 0x00 ... 0x37:
            return (op & 7) < 2;
        case 0x80 ... 0x83:
            return reg != 7;
        case 0x86:
        case 0x87:
            return true;
        case 0xf6:
        case 0xf7:
            return reg == 2 || reg == 3;
        case 0xfe:
        case 0xff:
            return reg < 2;
        }
    if (in->map == MAP_0F)
        switch (op) {
        case 0xab:
        case 0xb0:
        case 0xb1:
        case 0xb3:
        case 0xbb:
        case 0xc0:
        case 0xc1:
            return true;
        case 0xba:
            return reg >= 5;
        case 0xc7:
            return reg == 1;
        }
    return false;
}

/* MOV to and from a segment register that isn't one, or to CS. */
static bool bad_segment(const struct insn *in)
{
    u8 reg = in->reg & 7;

    return in->map == MAP_ONE && ((in->opcode == 0x8e && (reg == SEG_CS || reg > SEG_GS)) ||
                                  (in->opcode == 0x8c && reg > SEG_GS));
}

enum decode_result decode(struct insn *in, const u8 *bytes, unsigned int n, unsigned int bits)
{
    struct cursor c = {bytes, 0, n < INSN_MAX ? n : INSN_MAX};
    u64 b, disp;
    u8 what;

    *in = (struct insn){.bits = (u8)bits, .segment = SEG_NONE};
    if (!prefixes(in, &c))
        return why_not(&c);
    sizes(in);
    what = one_byte[in->opcode];
    if (in->opcode == 0x0f) {
        if (!take(&c, 1, &b))
            return why_not(&c);
        in->map = MAP_0F;
        what = two_byte[b];
        if (b == 0x38 || b == 0x3a) {
            in->map = b == 0x38 ? MAP_0F38 : MAP_0F3A;
            what = b == 0x38 ? M : M | B;
            if (!take(&c, 1, &b))
                return why_not(&c);
        }
        in->opcode = (u8)b;
    } else if (is_vector(in, &c)) {
        return DECODE_VECTOR;
    }
    if (what == U || (what & X && bits == 64))
        return DECODE_UNDEFINED;
    if (what & M && !modrm(in, &c))
        return why_not(&c);
    if (what & A) {
        in->disp_bytes = in->address_bytes;
        if (!take(&c, in->disp_bytes, &disp))
            return why_not(&c);
        in->disp = (s64)disp;
    }
    in->imm_bytes = (u8)immediate(in, what);
    if (!take(&c, in->imm_bytes, &in->imm))
        return why_not(&c);
    if ((in->lock && !may_lock(in)) || bad_segment(in))
        return DECODE_UNDEFINED;
    in->length = (u8)c.at;
    return DECODED;
}
