/* SPDX-License-Identifier: MIT */
/* Frames and page tables of a test guest. PFN 0 is at VIRT_BASE, so a kernel address has a PFN. */
#ifndef GUEST_MEMORY_H
#define GUEST_MEMORY_H

#include "hypercall.h"

#define PTE_P            UINT64_C(0x001)
#define PTE_RW           UINT64_C(0x002)
#define PTE_US           UINT64_C(0x004)
#define PTE_PWT          UINT64_C(0x008)
#define PTE_PCD          UINT64_C(0x010)
#define PTE_A            UINT64_C(0x020)
#define PTE_D            UINT64_C(0x040)
#define PTE_PSE          UINT64_C(0x080)
#define PTE_G            UINT64_C(0x100)
#define PTE_NX           (UINT64_C(1) << 63)
#define PTE_GUEST_KERNEL (UINT64_C(1) << 52) /* Xen's mark on kernel entries */
#define PTE_FRAME        (UINT64_C(0xffffffffff) << 12)
#define PTE_MFN(e)       (((e) >> 12) & UINT64_C(0xffffffffff))

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

/* Where the entry for va at level (1..TOP_LEVEL) is in the tree under top; NULL if a level is
 * missing. */
u64 *pt_entry(u64 *top, ul va, int level);
static inline int pt_index(ul va, int level)
{
    return (va >> (12 + 9 * (level - 1))) & 511;
}
/* The top table of the kernel's own tree as it was at start: an L4, or the L3 of 32 bits. */
u64 *kernel_top(void);
#if GUEST_BITS == 64
#define kernel_l4() kernel_top()
#endif

/*
 * An empty 2 MiB window of the kernel's space, with tables of its own, at a slot of choice of the
 * top table. Slots of both widths: WINDOW(0) and WINDOW(1).
 */
struct window {
    ul va;
    u64 *l1, *l2;
    u64 *l3; /* with 64 bits */
};
#define WINDOW(n) (GUEST_BITS == 64 ? 300 + (n) : 2 * (n))
struct window window_open(int slot);
/* The same tables, not yet linked anywhere and still writable. */
struct window window_build(int slot);
/* The topmost table of a window's own, which the kernel's top table has in the slot. */
static inline u64 *window_top(const struct window *w)
{
    return GUEST_BITS == 64 ? w->l3 : w->l2;
}
/* The flags of an entry of the top table: a 32-bit L3 has none but P. */
#define PT_TOP (GUEST_BITS == 64 ? PT_TABLE : PTE_P)

long set_pte_va(ul va, u64 pte, ul flags);
void make_readonly(void *page);
void make_writable(void *page);
long mmu_update_one(u64 ptr, u64 val);
long mmuext_one(unsigned cmd, u64 arg1, u64 arg2);

#endif
