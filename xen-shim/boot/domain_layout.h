/* SPDX-License-Identifier: MIT */
/*
 * Where everything goes in the new guest's pseudo-physical memory.  Pure arithmetic; build.c
 * carries it out.  The order is part of the ABI: guests look for their page tables, initrd and
 * p2m list at these places (<xen/xen.h>, "start-of-day memory layout").
 */
#ifndef SHIM_DOMAIN_LAYOUT_H
#define SHIM_DOMAIN_LAYOUT_H

#include "elf.h"

struct domain_layout {
    u64 nr_pages;
    pfn_t kernel, kernel_end;
    pfn_t initrd; /* 0 pages: no initrd */
    u64 initrd_pages;
    pfn_t p2m; /* list of nr_pages words, of the guest's size */
    u64 p2m_pages;
    pfn_t p2m_tables; /* page tables of the list's own mapping, INIT_P2M only */
    u64 p2m_table_pages;
    pfn_t start_info, xenstore, console;
    pfn_t tables; /* page tables: L4, L3s, L2s, L1s; of 32 bits: L3, L2s, L1s, and nr_l3 is 0 */
    u64 nr_l3, nr_l2, nr_l1, nr_tables;
    pfn_t stack;
    u64 virt_end; /* the initial mapping is [virt_base, virt_end) */
    pfn_t used;   /* first PFN that nothing of the above lies in */
};

/* Returns NULL or why it doesn't fit in words for the operator. */
const char *domain_layout(struct domain_layout *l, const struct guest_image *g, u64 initrd_bytes,
                          u64 nr_pages);

#endif
