// SPDX-License-Identifier: MIT
/* See disassembler.h. */
#include "disassembler.h"

#include <capstone/capstone.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode.h"

static csh handle_of(unsigned int bits)
{
    static csh handles[3];
    csh *h = &handles[bits == 16 ? 0 : bits == 32 ? 1 : 2];

    if (!*h) {
        cs_mode mode = bits == 16 ? CS_MODE_16 : bits == 32 ? CS_MODE_32 : CS_MODE_64;
        if (cs_open(CS_ARCH_X86, mode, h) != CS_ERR_OK)
            abort();
        cs_option(*h, CS_OPT_DETAIL, CS_OPT_ON);
    }
    return *h;
}

/* Control and debug registers: mod isn't looked at, whatever capstone shows of it. */
static bool without_mod(const struct insn *in)
{
    return in->map == MAP_0F && (in->opcode & 0xfc) == 0x20;
}

/* Where capstone 4 isn't right, or the vendors don't agree.  All found by this comparison. */
static bool known_quirk(enum decode_result result, const struct insn *in)
{
    u8 op = in->opcode;
    bool one = in->map == MAP_ONE, two = in->map == MAP_0F;

    if (result == DECODE_UNDEFINED && in->lock)
        return in->rep ||                             /* LOCK isn't seen in front of it */
               (one && op < 0x40 && (op & 6) == 2) || /* LOCK ADD r, m and the like */
               (two && op == 0x1f);                   /* LOCK NOP */
    if (result == DECODE_UNDEFINED)
        return (one && op == 0x8e) ||               /* MOV to CS */
               (two && (op == 0xa6 || op == 0xa7)); /* another vendor's */
    if (two && (op == 0xb9 || op == 0xff))          /* UD1, UD0: ModRM or none */
        return true;
    /* a near branch with 66 in 64-bit code is longer on Intel's CPUs than on AMD's */
    if (in->opsize && in->bits == 64 &&
        ((one && (op & 0xfe) == 0xe8) || (two && (op & 0xf0) == 0x80)))
        return true;
    if (one && (op & 0xfe) == 0xe8 && in->addrsize)
        return true;
    if (one &&
        (op == 0x9a || op == 0xea)) /* a far pointer has two halves, capstone one place for it */
        return true;
    if (in->opsize && in->rep && in->imm_bytes) /* 66 isn't seen beside it */
        return true;
    return (two && op == 0x78) ||          /* EXTRQ, INSERTQ: VMREAD is all it knows */
           (one && op == 0xc2 && in->rex); /* RET n has 2 bytes, always */
}

static u8 modrm_of(const struct insn *in)
{
    return (u8)(in->mod << 6 | (in->reg & 7) << 3 | (in->rm & 7));
}

static u8 sib_of(const struct insn *in)
{
    u8 scale = in->scale == 8 ? 3 : in->scale >> 1;

    return (u8)(scale << 6 | (in->index & 7) << 3 | (in->base & 7));
}

static bool same_immediate(const struct insn *in, const cs_x86_encoding *e, const u8 *bytes)
{
    if (!e->imm_offset || e->imm_size != in->imm_bytes)
        return true;
    for (unsigned int i = 0; i < in->imm_bytes; i++)
        if (bytes[e->imm_offset + i] != (u8)(in->imm >> 8 * i))
            return false;
    return true;
}

static enum agreement compare(const struct insn *in, const cs_insn *cs, const u8 *bytes, char *why)
{
    const cs_x86 *x = &cs->detail->x86;
    const cs_x86_encoding *e = &x->encoding;
    const char *what = NULL;

    if (in->length != cs->size)
        what = "length";
    else if (in->has_modrm && e->modrm_offset &&
             (bytes[e->modrm_offset] ^ modrm_of(in)) & (without_mod(in) ? 0x3f : 0xff))
        what = "modrm";
    else if (in->has_sib && x->sib && x->sib != sib_of(in))
        what = "SIB";
    else if (e->disp_offset && in->has_modrm && in->address_bytes > 2 && x->disp != in->disp)
        what = "displacement";
    else if (!same_immediate(in, e, bytes))
        what = "immediate";
    else if (x->addr_size && in->address_bytes != x->addr_size)
        what = "address size";
    else if (in->rex != x->rex)
        what = "REX";
    if (!what)
        return AGREED;
    if (known_quirk(DECODED, in))
        return UNKNOWN;
    snprintf(why, WHY_SIZE, "%s: length %u, disp %ld, imm %lx; capstone: %s %s, length %u", what,
             in->length, (long)in->disp, (unsigned long)in->imm, cs->mnemonic, cs->op_str,
             cs->size);
    return DIFFER;
}

enum agreement disassembler_agrees(const u8 *bytes, size_t n, unsigned int bits, char *why)
{
    struct insn in;
    enum decode_result result = decode(&in, bytes, (unsigned int)n, bits);
    cs_insn *cs = NULL;
    enum agreement a = UNKNOWN;

    if (cs_disasm(handle_of(bits), bytes, n, 0x1000, 1, &cs) != 1)
        return UNKNOWN;
    if (result == DECODED) {
        a = compare(&in, cs, bytes, why);
    } else if (result != DECODE_VECTOR && !known_quirk(result, &in)) {
        snprintf(why, WHY_SIZE, "result %d; capstone: %s %s, length %u", result, cs->mnemonic,
                 cs->op_str, cs->size);
        a = DIFFER;
    }
    cs_free(cs, 1);
    return a;
}
