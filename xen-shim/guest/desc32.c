// SPDX-License-Identifier: MIT
/*
 * Descriptors of a 32-bit guest, as on Xen: none for ring 0, where DPL 0 becomes 1; no code of 64
 * bits, which could address what isn't the guest's; a segment that ended where an older Xen's hole
 * began ends with the address space, so that the machine-to-phys table is in it.  Call gates are as
 * in desc.c.
 */
#include "desc.h"

#include "layout.h"

#define DESC_DPL1 (1UL << 45)
#define DESC_L    (1UL << 53)
#define DESC_G    (1UL << 55)

static bool gate_ok(u64 d)
{
    u16 sel = (u16)(d >> 16);

    return (d & DESC_TYPE) == DESC_CALL_GATE && !(d >> 37 & 7) &&
           (sel & 4 || sel < GDT_RESERVED_OFF || (sel & ~3u) == (SEL_RING1_CS32 & ~3u));
}

bool desc_fix32(u64 *d)
{
    struct segment s;

    if (!(*d & DESC_P))
        return true;
    if (*d & DESC_S) {
        if (!(*d & DESC_DPL))
            *d |= DESC_DPL1;
        s = segment_decode(*d);
        if (*d & DESC_L)
            return false;
        if (!s.base && s.limit >= PV32_HOLE_START && *d & DESC_G)
            *d |= 0xfUL << 48 | 0xffff;
        return true;
    }
    if (!(*d & DESC_TYPE)) /* nothing */
        return true;
    if (!gate_ok(*d))
        return false;
    *d &= ~DESC_DPL;
    return true;
}
