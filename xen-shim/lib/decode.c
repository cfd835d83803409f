// SPDX-License-Identifier: MIT
/* See decode.h. */
#include "decode.h"

#include "opcodes.h"

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

static unsigned int immediate(const struct insn *in, unsigned int what)
{
    unsigned int small = in->operand_bytes == 2 ? 2 : 4, n = 0;

    if (what & FOLLOWS_BYTE)
        n += 1;
    if (what & FOLLOWS_WORD)
        n += 2;
    if (what & FOLLOWS_OPERAND)
        n += small;
    if (what & FOLLOWS_FULL)
        n += in->operand_bytes;
    if (what & FOLLOWS_NEAR)
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
    unsigned int what;

    *in = (struct insn){.bits = (u8)bits, .segment = SEG_NONE};
    if (!prefixes(in, &c))
        return why_not(&c);
    sizes(in);
    what = follows_one_byte(in->opcode);
    if (in->opcode == 0x0f) {
        if (!take(&c, 1, &b))
            return why_not(&c);
        in->map = MAP_0F;
        what = follows_0f((u8)b);
        if (b == 0x38 || b == 0x3a) {
            in->map = b == 0x38 ? MAP_0F38 : MAP_0F3A;
            what = FOLLOWS_MODRM | (b == 0x3a ? FOLLOWS_BYTE : 0);
            if (!take(&c, 1, &b))
                return why_not(&c);
        }
        in->opcode = (u8)b;
    } else if (is_vector(in, &c)) {
        return DECODE_VECTOR;
    }
    if (what & NO_OPCODE || (what & NOT_IN_64_BITS && bits == 64))
        return DECODE_UNDEFINED;
    if (what & FOLLOWS_MODRM && !modrm(in, &c))
        return why_not(&c);
    if (what & FOLLOWS_ADDRESS) {
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
