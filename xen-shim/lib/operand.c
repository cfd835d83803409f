// SPDX-License-Identifier: MIT
/* See operand.h.  Addressing: AMD64 APM volume 3, 1.4 and 1.7. */
#include "operand.h"

u64 *operand_gpr(struct regs *r, unsigned int n)
{
    u64 *const file[16] = {&r->rax, &r->rcx, &r->rdx, &r->rbx, &r->rsp, &r->rbp, &r->rsi, &r->rdi,
                           &r->r8,  &r->r9,  &r->r10, &r->r11, &r->r12, &r->r13, &r->r14, &r->r15};
    return file[n & 15];
}

u64 operand_get(u64 reg, unsigned int bytes)
{
    return bytes == 8 ? reg : bytes == 4 ? (u32)reg : bytes == 2 ? (u16)reg : (u8)reg;
}

void operand_set(u64 *reg, unsigned int bytes, u64 v)
{
    if (bytes >= 4)
        *reg = operand_get(v, bytes);
    else
        *reg = (*reg & ~(bytes == 2 ? 0xffffUL : 0xffUL)) | operand_get(v, bytes);
}

static u64 offset_16(struct regs *r, const struct insn *in)
{
    static const u8 base[8] = {3, 3, 5, 5, 6, 7, 5, 3}, index[8] = {6, 7, 6, 7};
    unsigned int rm = in->rm & 7;
    u64 at = (u64)in->disp;

    if (!(in->mod == 0 && rm == 6))
        at += *operand_gpr(r, base[rm]);
    if (rm < 4)
        at += *operand_gpr(r, index[rm]);
    return at;
}

u64 operand_offset(struct regs *r, const struct insn *in)
{
    u64 at = (u64)in->disp;

    if (in->address_bytes == 2) {
        at = offset_16(r, in);
    } else if (in->has_sib) {
        if (in->index != 4)
            at += *operand_gpr(r, in->index) * in->scale;
        if (!(in->mod == 0 && (in->base & 7) == 5))
            at += *operand_gpr(r, in->base);
    } else if (in->mod == 0 && (in->rm & 7) == 5) {
        if (in->bits == 64)
            at += r->rip + in->length;
    } else {
        at += *operand_gpr(r, in->rm);
    }
    return operand_get(at, in->address_bytes);
}
