/* SPDX-License-Identifier: MIT */
/* The shim's own mappings (layout.h), shared by every page table through L4 slots 256-271. */
#ifndef SHIM_MAP_H
#define SHIM_MAP_H

#include "layout.h"
#include "types.h"

#define PTE_P      1UL
#define PTE_W      2UL
#define PTE_U      4UL
#define PTE_A      32UL
#define PTE_D      64UL
#define PTE_PS     128UL
#define PTE_NX     (1UL << 63)
#define PTE_MFN(e) (((e)&0xffffffffff000UL) >> PAGE_SHIFT)

extern u64 pte_nx; /* PTE_NX, or 0 where L0 offers no NX */

/* boot_tables.c: what runs before the guest; the first is also the template of the hypervisor's
 * slots. */
extern u64 boot_l4[512];
extern u64 boot_l3_direct[512], boot_l2_direct[4 * 512]; /* 0-4 GiB */
extern u64 boot_l3_image[512], boot_l2_image[512], boot_l1_image[512];

/* Final rights of the image and the direct map beyond 4 GiB; once, from main.c. */
void map_init(void);
/* Frame at a virtual address of the hypervisor's slots. */
void map_page(u64 va, mfn_t mfn, u64 flags);
/* The same below another level-3 table than the one that all page tables share. */
void map_page_in(u64 *l3, u64 va, mfn_t mfn, u64 flags);
/* The entry that maps va, or NULL; 4 KiB mappings only. */
u64 *map_entry(u64 va);

/* Is physical frame covered by the direct map, so that mfn_va() may be used? */
extern mfn_t direct_map_end;
static inline bool mfn_mapped(mfn_t mfn)
{
    return mfn < direct_map_end;
}

#endif
