// SPDX-License-Identifier: MIT
/* Finds its way in the tables the builder made, and changes single entries of them. */
#include "guest.h"

#define ARENA_PAGES 96

static u8 arena[ARENA_PAGES][PAGE_SIZE] page_aligned;
static unsigned arena_used;
static u8 shared_page[PAGE_SIZE] page_aligned;

struct start_info *start_info;
struct shared_info *shared_info;

ul mfn_of(const void *va)
{
    return ((const ul *)start_info->mfn_list)[pfn_of(va)];
}

void *mfn_to_va(ul mfn)
{
    return (void *)(VIRT_BASE + (M2P[mfn] << PAGE_SHIFT));
}

void *page_alloc(void)
{
    if (arena_used == ARENA_PAGES)
        panic("page arena is empty");
    return memset(arena[arena_used++], 0, PAGE_SIZE);
}

u64 *kernel_top(void)
{
    return (u64 *)start_info->pt_base;
}

u64 *pt_entry(u64 *top, ul va, int level)
{
    u64 *table = top;

    for (int l = TOP_LEVEL; l > level; l--) {
        u64 e = table[pt_index(va, l)];

        if (!(e & PTE_P))
            return NULL;
        table = mfn_to_va(PTE_MFN(e));
    }
    return &table[pt_index(va, level)];
}

long set_pte_va(ul va, u64 pte, ul flags)
{
    return update_va_mapping(va, pte, flags);
}

void make_readonly(void *page)
{
    long rc = set_pte_va((ul)page, maddr_of(page) | PTE_P | PTE_A, UVMF_INVLPG | UVMF_ALL);

    if (rc)
        panic("make_readonly: %ld", rc);
}

void make_writable(void *page)
{
    long rc = set_pte_va((ul)page, maddr_of(page) | PT_KERNEL, UVMF_INVLPG | UVMF_ALL);

    if (rc)
        panic("make_writable: %ld", rc);
}

long mmu_update_one(u64 ptr, u64 val)
{
    struct mmu_update req = {.ptr = ptr, .val = val};

    return hc(mmu_update, &req, 1, NULL, DOMID_SELF);
}

long mmuext_one(unsigned cmd, u64 arg1, u64 arg2)
{
    struct mmuext_op op = {.cmd = cmd, .arg1.mfn = arg1};

    /* arg2 is a union of a count, a pointer and a frame: the widest member sets all of it. */
    op.arg2.src_mfn = arg2;
    return hc(mmuext_op, &op, 1, NULL, DOMID_SELF);
}

struct window window_build(int slot)
{
    struct window w = {.l1 = page_alloc(), .l2 = page_alloc()};

    w.l2[0] = maddr_of(w.l1) | PT_TABLE;
#if GUEST_BITS == 64
    w.l3 = page_alloc();
    w.l3[0] = maddr_of(w.l2) | PT_TABLE;
    w.va = (ul)slot << 39;
    if (slot >= 256)
        w.va |= 0xffff000000000000UL;
#else
    w.va = (ul)slot << 30;
#endif
    return w;
}

struct window window_open(int slot)
{
    struct window w = window_build(slot);

    make_readonly(w.l1);
    make_readonly(w.l2);
    if (w.l3)
        make_readonly(w.l3);
    if (mmu_update_one(maddr_of(&kernel_top()[slot]), maddr_of(window_top(&w)) | PT_TOP))
        panic("window at slot %d", slot);
    return w;
}

void memory_init(void)
{
    if (set_pte_va((ul)shared_page, start_info->shared_info | PT_KERNEL, UVMF_INVLPG))
        panic("shared_info can't be mapped");
    shared_info = (struct shared_info *)shared_page;
}
