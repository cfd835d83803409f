// SPDX-License-Identifier: MIT
/* See segment.h. */
#include "segment.h"

#include "regs.h"

struct segment segment_decode(u64 d)
{
    struct segment s = {
        .base = (u32)((d >> 16 & 0xffffff) | (d >> 32 & 0xff000000)),
        .limit = (u32)((d & 0xffff) | (d >> 32 & 0xf0000)),
        .dpl = d >> 45 & 3,
        .valid = d >> 44 & 1,
        .present = d >> 47 & 1,
        .code = d >> 43 & 1,
        .big = d >> 54 & 1,
        .code64 = (d >> 43 & 1) && (d >> 53 & 1),
    };
    bool b42 = d >> 42 & 1, b41 = d >> 41 & 1;

    if (d >> 55 & 1)
        s.limit = s.limit << 12 | 0xfff;
    s.conforming = s.code && b42;
    s.down = !s.code && b42;
    s.readable = !s.code || b41;
    s.writable = !s.code && b41;
    return s;
}

bool segment_covers(const struct segment *s, u64 offset, u32 n)
{
    u64 last = offset + n - 1;

    if (s->down)
        return offset > s->limit && last <= (s->big ? 0xffffffff : 0xffff);
    return last <= s->limit;
}

u8 segment_code_fault(const struct segment *s, u16 selector, enum transfer how)
{
    unsigned int rpl = selector & 3;

    if (selector_is_null(selector) || !s->valid || !s->code)
        return X86_GP;
    if (how == TRANSFER_RETURN) {
        if (rpl != 3)
            return X86_GP;
        if (!s->conforming && s->dpl != rpl)
            return X86_GP;
    } else if (!s->conforming && s->dpl != 3) {
        return X86_GP;
    }
    if (!s->present)
        return X86_NP;
    return s->code64 && s->big ? X86_GP : 0;
}

u8 segment_stack_fault(const struct segment *s, u16 selector)
{
    if (selector_is_null(selector) || (selector & 3) != 3 || !s->valid || !s->writable ||
        s->dpl != 3)
        return X86_GP;
    return s->present ? 0 : X86_SS;
}
