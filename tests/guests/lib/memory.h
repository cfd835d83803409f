/* SPDX-License-Identifier: MIT */
/* Frames and page tables of a test guest. PFN 0 is at VIRT_BASE, so a kernel address has a PFN. */
#ifndef GUEST_MEMORY_H
#define GUEST_MEMORY_H

#include "hypercall.h"

#define VIRT_BASE 0xffffffff80000000UL
#define M2P       ((const u64 *)0xffff800000000000UL)

#define PTE_P            0x001UL
#define PTE_RW           0x002UL
#define PTE_US           0x004UL
#define PTE_PWT          0x008UL
#define PTE_PCD          0x010UL
#define PTE_A            0x020UL
#define PTE_D            0x040UL
#define PTE_PSE          0x080UL
#define PTE_G            0x100UL
#define PTE_NX           (1UL << 63)
#define PTE_GUEST_KERNEL (1UL << 52) /* Xen's mark on kernel entries */
#define PTE_MFN(e)       (((e) >> 12) & 0xffffffffffUL)

#define PT_KERNEL (PTE_P | PTE_RW | PTE_A | PTE_D)
#define PT_TABLE  (PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D)

extern struct start_info *start_info;
extern struct shared_info *shared_info;

void memory_init(void);

static inline ul pfn_of(const void *va)
{
    return ((ul)va - VIRT_BASE) >> PAGE_SHIFT;
}
ul mfn_of(const void *va);
void *mfn_to_va(ul mfn);
static inline u64 maddr_of(const void *va)
{
    return ((u64)mfn_of(va) << PAGE_SHIFT) | ((ul)va & (PAGE_SIZE - 1));
}

/* A zeroed page of our own RAM, mapped writable by the initial tables; never freed. */
void *page_alloc(void);

/* Where the entry for va at level (1..4) is in the tree under l4; NULL if a level is missing. */
u64 *pt_entry(u64 *l4, ul va, int level);
static inline int pt_index(ul va, int level)
{
    return (va >> (12 + 9 * (level - 1))) & 511;
}
/* The kernel's own tree as it was at start. */
u64 *kernel_l4(void);

/* An empty 2 MiB window of the kernel's space, with tables of its own, at an L4 slot of choice. */
struct window {
    ul va;
    u64 *l1, *l2, *l3;
};
struct window window_open(int l4_slot);
/* The same tables, not yet linked anywhere and still writable. */
struct window window_build(int l4_slot);

long set_pte_va(ul va, u64 pte, ul flags);
void make_readonly(void *page);
void make_writable(void *page);
long mmu_update_one(u64 ptr, u64 val);
long mmuext_one(unsigned cmd, u64 arg1, u64 arg2);

#endif
