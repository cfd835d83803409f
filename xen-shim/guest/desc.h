/* SPDX-License-Identifier: MIT */
/* Guest descriptor tables.  The guest's own frames are the live GDT and LDT, through windows in the
 * vCPU's area. */
#ifndef SHIM_DESC_H
#define SHIM_DESC_H

#include "segment.h"
#include "vcpu.h"

s64 desc_set_ldt(struct vcpu *v, u64 addr, u64 ents);
/* As do_set_gdt, with the frames in the shim's memory; v need not run. */
s64 desc_set_gdt(struct vcpu *v, const u64 *mfns, u32 ents);
/* Loads v's LDT, on v itself. */
void desc_load_ldt(struct vcpu *v);
/* What a selector names in v's tables, v running; not valid where it names nothing. */
struct segment desc_segment(const struct vcpu *v, u16 selector);

/* Does it name a segment of all 4 GiB that can be written, in v's GDT?  The short answer: false may
 * be wrong. */
static inline bool desc_is_flat_data(const struct vcpu *v, u16 selector)
{
    return !(selector & 4) && (selector | 7) <= GDT_LIMIT &&
           (ACCESS_ONCE(*(const u64 *)(vcpu_area(v->id) + VCPU_GDT_OFF + (selector & ~7u))) |
            SEGMENT_FLAT_ANY) == SEGMENT_FLAT_DATA;
}

/* And one of 64-bit code? */
static inline bool desc_is_code64(const struct vcpu *v, u16 selector)
{
    const u64 code64 = 1UL << 53 | 1UL << 47 | 1UL << 44 | 1UL << 43; /* L, present, code */

    return !(selector & 4) && (selector | 7) <= GDT_LIMIT &&
           (ACCESS_ONCE(*(const u64 *)(vcpu_area(v->id) + VCPU_GDT_OFF + (selector & ~7u))) &
            code64) == code64;
}

#define DESC_P         (1UL << 47)
#define DESC_S         (1UL << 44) /* code or data, not a system segment */
#define DESC_DPL       (3UL << 45)
#define DESC_TYPE      (15UL << 40)
#define DESC_CALL_GATE (12UL << 40)

/* What a guest may have as a descriptor, made so; false: can't be in its table.  desc.c, desc32.c.
 */
bool desc_fix64(u64 *d);
bool desc_fix32(u64 *d);

#endif
