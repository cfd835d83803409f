/* SPDX-License-Identifier: MIT */
/* Code and data segments by their descriptors: AMD64 APM volume 2, 4.7 and 4.8.  Pure. */
#ifndef SHIM_SEGMENT_H
#define SHIM_SEGMENT_H

#include "types.h"

/* A descriptor of all 4 GiB that can be written, and what may differ in such a one, set in both:
 * DPL, accessed, the bit that is free for software. */
#define SEGMENT_FLAT_ANY  (3UL << 45 | 1UL << 40 | 1UL << 52)
#define SEGMENT_FLAT_DATA (0x00cf92000000ffffUL | SEGMENT_FLAT_ANY)

struct segment {
    u32 base, limit; /* the highest offset; of expand-down ones the highest that isn't theirs */
    u8 dpl;
    bool valid, present; /* valid: not a system segment, gate or nothing at all */
    bool code, down;     /* down: expands down (data) */
    bool conforming;     /* (code) */
    bool readable, writable;
    bool big, code64; /* bits D/B and L */
};

struct segment segment_decode(u64 descriptor);

/* Are n bytes at offset inside? n is not 0. */
bool segment_covers(const struct segment *s, u64 offset, u32 n);

/* Whether code of CPL 3, as the guest's kernel is on Xen, may load it: 0, or the exception, whose
 * error code is the selector without RPL.  A null selector's is 0.  s: what the selector names, or
 * valid false. */
enum transfer { TRANSFER_JUMP, TRANSFER_RETURN };
u8 segment_code_fault(const struct segment *s, u16 selector, enum transfer how);
u8 segment_stack_fault(const struct segment *s, u16 selector);

static inline bool selector_is_null(u16 selector)
{
    return !(selector & ~3u);
}

/* A selector of a 32-bit guest's kernel: it runs in ring 1, so none of its has RPL 0. */
static inline u16 selector32(u64 selector)
{
    return (u16)(selector & 3 ? selector : selector | 1);
}

#endif
