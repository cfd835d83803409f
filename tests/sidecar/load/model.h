/* SPDX-License-Identifier: MIT
 * A guest that was never there, with one page of each kind, for tests to save and load.
 */
#ifndef LOAD_MODEL_H
#define LOAD_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "../../../sidecar/load/image.h"
#include "../../../sidecar/load/localise.h"

/* PFNs. Those without a name are ordinary pages. */
enum {
    START_INFO = 1,
    STORE = 2,
    CONSOLE = 3,
    TOP = 4, /* what CR3 says, pinned: an L4, or an L3 of a 32-bit guest */
    L3 = 5,
    L2 = 6,
    L1 = 7,
    USER = 8, /* what CR1 says, pinned; 64-bit guests only */
    GDT = 9,
    P2M = 10,     /* and two after it */
    MISSING = 18, /* in the p2m list for all that isn't there */
    STALE = 15,   /* an L1 in no use any more, with an entry for BALLOONED */
    FRESH = 16,   /* allocated, without content */
    BROKEN = 17,
    BALLOONED = 20, /* and the nine after it */
    SMALL = 40,     /* pages of a small guest */
};

#define VCPUS 4u

struct model {
    unsigned int width;
    uint64_t nr_pages;
    uint8_t *type; /* of the streams */
    uint8_t (*page)[PAGE];
    uint64_t p2m[8], nr_p2m;
    bool up[VCPUS];
    union context context[VCPUS];
    uint8_t shared_info[PAGE];
};

/* A guest of this width; small: of one frame of the p2m list. */
void model_make(struct model *m, unsigned int width, bool small);
void model_free(struct model *m);

/* Entries of the page L1, to see what becomes of them. */
enum {
    E_KERNEL = 0,     /* the kernel's own, by Xen's mark */
    E_USER = 1,       /* user mode's */
    E_SWAPPED = 2,    /* without P */
    E_KERNEL_NX = 3,  /* the kernel's, with all bits that mean nothing here */
    E_NOT_GLOBAL = 4, /* user mode's without G */
    E_FRESH = 511,
};
#define P      1ULL
#define RW     2ULL
#define U      4ULL
#define G      0x100ULL
#define KERNEL (1ULL << 52)
#define NX     (1ULL << 63)

#endif
