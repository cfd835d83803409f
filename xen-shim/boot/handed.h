/* SPDX-License-Identifier: MIT */
/*
 * What a program in dom0 has handed over (handover.h), looked at before anything of it is used.
 * Pure: frames are reached by functions of the caller's.
 */
#ifndef SHIM_HANDED_H
#define SHIM_HANDED_H

#include "handover.h"
#include "types.h"

struct handed {
    const struct handover *offer;
    u32 width;                    /* of a word of the guest's that the shim is ready for */
    void *(*page)(mfn_t gfn);     /* where an offered frame, or one of L0's rings, is mapped */
    bool (*first_use)(mfn_t gfn); /* notes that the frame is used; false: it was already */
    bool (*used)(mfn_t gfn);      /* is that noted? */
    /* From handed_check on: */
    struct handover_guest *guest;
    mfn_t first, end;             /* the frames of that */
    mfn_t start_info, console;    /* the ring */
    u32 store_port, console_port; /* as the guest knows them */
    char why[128];
};

/* Notes why not, as snprintf does, and is that. */
#define REFUSE(h, ...) (snprintf((h)->why, sizeof((h)->why), __VA_ARGS__), (h)->why)

/* NULL: all of it can be used; then all frames of the p2m list are noted as used.  Else the reason,
 * for the operator. */
const char *handed_check(struct handed *h);

/* What lies at an offset. */
static inline void *handed_at(const struct handed *h, u64 offset)
{
    return (u8 *)h->guest + offset;
}

static inline struct handover_vcpu *handed_vcpu(const struct handed *h, u64 i)
{
    return (struct handover_vcpu *)handed_at(h, h->guest->vcpu) + i;
}

/* The frame of a PFN below nr_pages, or INVALID_GFN. */
#define INVALID_GFN (~0UL)
mfn_t handed_frame(const struct handed *h, pfn_t pfn);

#endif
