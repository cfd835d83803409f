/* SPDX-License-Identifier: MIT */
/*
 * Physical memory until the guest is built: what RAM there is, what is spoken for, and the shim's
 * own pages.  After build.c took the rest for the guest nothing is left to allocate.
 */
#ifndef SHIM_RAM_H
#define SHIM_RAM_H

#include "bootinfo.h"
#include "types.h"

#define RAM_MAX_EXTENTS 64

struct extent {
    mfn_t start, end; /* end is exclusive */
};

struct ram {
    struct extent free[RAM_MAX_EXTENTS]; /* ascending */
    unsigned int nr;
    mfn_t top;      /* above the highest RAM frame */
    u64 frames;     /* RAM frames in all */
    u64 shim_pages; /* taken by ram_page() */
    u64 returned;   /* frames given back to L0 before the guest starts (pod.h) */
};
extern struct ram ram;

void ram_init(struct ram *r, const struct boot_info *info);
/* Takes [start, end) out of the free extents; parts that are not free don't matter. */
void ram_reserve(struct ram *r, mfn_t start, mfn_t end);
/*
 * Takes out what is never RAM of the guest's, whatever the loader's map says: the toolstack's pages
 * (their frames from L0's parameters; 0 = none), where the shim maps what L0 shares with it, the
 * toolstack's other special pages, IO-APIC, HPET and LAPIC.
 */
void ram_reserve_special(struct ram *r, mfn_t store, mfn_t console);
/* Frames still free. */
u64 ram_free_frames(const struct ram *r);
/* Lowest free frame, or 0 when there is none. */
mfn_t ram_take(struct ram *r);
/* n frames in one run, lowest first; 0 when there is no such run. */
mfn_t ram_take_run(struct ram *r, u64 n);

/* At most n frames in one run, the highest that are free; an empty extent when none is. */
struct extent ram_take_top(struct ram *r, u64 n);

/* Gives one frame back, behind all others when it lies above them. */
void ram_release(struct ram *r, mfn_t mfn);

/* Makes L0 find a frame that it has memory for but hasn't chosen yet, where a touch won't do
 * (pod.h); else NULL. The frame is written to. */
extern void (*ram_find)(mfn_t mfn);

/* A zeroed page of the shim's own, by its frame; refuses when the domain has too little memory. */
mfn_t ram_page(void);

#endif
