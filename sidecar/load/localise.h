/* SPDX-License-Identifier: MIT
 * PFNs to frames, in what the saver had turned from frames to PFNs: page tables and contexts.
 */
#ifndef LOAD_LOCALISE_H
#define LOAD_LOCALISE_H

#include "image.h"

/* Looks through a table, the page `pfn`, before any frame is given out: nothing in it but 4 KiB
 * pages that the guest can have.  One that isn't there becomes one without content, as in Xen's own
 * restore: Xen keeps the type of tables that are in no use any more, and those may be stale.
 * Once the pages are counted (img->populated), it is a fault, here and in context_check: the file
 * is another than it was when it was checked. */
bool table_check(struct image *img, uint64_t pfn, const uint64_t entry[512]);
/* The same with frames instead of PFNs; of a table that has been checked. */
void table_localise(const struct image *img, unsigned int level, uint64_t entry[512]);

/* Room for a context of either width. */
union context {
    uint64_t align;
    uint8_t bytes[0x1430];
};
/* Checks the context of a vCPU: page tables and GDT are pages of their kind. */
bool context_check(struct image *img, unsigned int vcpu, const union context *c);
/* Frames for PFNs in it. */
void context_localise(const struct image *img, unsigned int vcpu, union context *c);
/* The PFN that vCPU 0 has passed with its call to suspend, start_info's. */
uint64_t context_start_info(const struct image *img, const union context *c);
/* Must tables of level 3 lie below 4 GiB? By what vCPU 0 has of the guest's assists. */
bool context_low_l3(const struct image *img, const union context *c);
/* sizeof(struct vcpu_guest_context) of the guest's width */
uint32_t context_bytes(const struct image *img);

#endif
