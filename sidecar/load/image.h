/* SPDX-License-Identifier: MIT
 * A saved PV guest as the readers of the formats leave it: where in the file the last content of
 * each page and the record of each vCPU lie.  Nothing is kept of the contents.
 */
#ifndef LOAD_IMAGE_H
#define LOAD_IMAGE_H

#include "source.h"

#define PAGE       4096u
#define MAX_PAGES  (1ULL << 28) /* 1 TiB; the limit of the older format */
#define MAX_VCPUS  8192u        /* Xen's for a PV domain */
#define MAX_RECORD (128u << 20) /* Xen's limit of a record's length */

/* Types of pages, as in the streams. */
enum {
    TYPE_DATA = 0,
    TYPE_L4 = 4,
    TYPE_PINNED = 8, /* added to 1 to 4 */
    TYPE_BROKEN = 13,
    TYPE_ALLOCATE = 14, /* there, without content */
    TYPE_NONE = 15,
};

/* 15 less the type << 60 | offset of the content: 0 is a page that was never named. */
struct page {
    uint64_t where;
    uint64_t gfn; /* once frames are given out */
};

struct span {
    uint64_t at;
    uint32_t len;
};

struct saved_vcpu {
    struct span context, ext, xsave, msrs; /* len 0: none; a vCPU without context was down */
};

#define SEEN_WORDS 10 /* of HANDOVER_FEATURES */

struct image {
    const struct source *src;
    const char *wrapper;  /* who wrote the file: "xl", "xend", ... */
    unsigned int version; /* of libxc's stream */
    unsigned int width;   /* of a guest's word: 8 or 4; 0 as long as it isn't known */
    uint64_t nr_pages;    /* highest PFN + 1 */
    struct page *page;
    uint64_t *p2m; /* PFNs of the frames of the guest's p2m list, in its order */
    uint64_t nr_p2m;
    struct saved_vcpu *vcpu; /* MAX_VCPUS of them */
    struct span shared_info;
    struct span cpuid; /* leaves that the guest has seen; len 0: it isn't known */
    /* of image_check: */
    uint64_t populated, nr_pins;
    unsigned int nr_vcpus, highest_vcpu; /* those that were up */
    uint64_t start_info, store, console; /* PFNs */
    uint32_t seen[SEEN_WORDS];           /* 0 where it isn't known */
    bool fifo;                           /* events seem to come by FIFO queues */
    bool low_l3;   /* a 32-bit guest whose tables of level 3 must lie below 4 GiB */
    char why[240]; /* what is wrong, where something has returned false */
};

#define FAULT(f, a) __attribute__((format(printf, f, a)))
/* Sets `why`; false, always. */
bool fault(struct image *img, const char *fmt, ...) FAULT(2, 3);
/* The same for a file that contradicts itself: says, too, that the guest is to be saved again. */
bool damaged(struct image *img, const char *fmt, ...) FAULT(2, 3);

/* Finds out what the file is, and reads it to its end: `page`, `p2m`, `vcpu` and `shared_info`.
 * *img must be zero but for src.  false: see `why`; image_free is due in any case. */
bool image_read(struct image *img);
void image_free(struct image *img);

/* For the readers.  Reads n bytes at *at and goes past them; a file that ends before is a fault. */
bool take(struct image *img, uint64_t *at, void *to, size_t n);
/* Goes past n bytes, which must be there. */
bool pass(struct image *img, uint64_t *at, uint64_t n);
/* The guest's size; before any page.  `frames` words of its p2m list's frames must lie at `at`. */
bool image_size(struct image *img, uint64_t nr_pages);
/* A page was named with this type, and has content at `at` if types of its kind have. */
bool image_page(struct image *img, uint64_t pfn, unsigned int type, uint64_t at);
/* The record of a vCPU; which one: a member of struct saved_vcpu. */
struct saved_vcpu *image_vcpu(struct image *img, uint64_t id);

static inline unsigned int page_type(const struct page *p)
{
    return 15 - (unsigned int)(p->where >> 60);
}
static inline uint64_t page_at(const struct page *p)
{
    return p->where & ((1ULL << 60) - 1);
}
/* 1 to 4 for a page table, pinned or not; 0 */
static inline unsigned int table_level(unsigned int type)
{
    type &= ~(unsigned int)TYPE_PINNED;
    return type <= TYPE_L4 ? type : 0;
}
static inline bool has_data(unsigned int type)
{
    return type <= TYPE_L4 || (type > TYPE_PINNED && type <= (TYPE_PINNED | TYPE_L4));
}
static inline bool is_populated(unsigned int type)
{
    return has_data(type) || type == TYPE_ALLOCATE;
}
/* words of the p2m list in a page */
static inline unsigned int words_per_page(const struct image *img)
{
    return PAGE / img->width;
}

#endif
