// SPDX-License-Identifier: MIT
/*
 * The notes INIT_P2M and MOD_START_PFN, as Linux has them (pv-guest-abi 1.2, 1.3): the P2M list is
 * mapped at the address of the note and not behind the kernel, with the frames that first_p2m_pfn
 * and nr_p2m_frames name; its page tables are in there too, read-only where they are mapped; the
 * module isn't mapped at all but named by its first PFN, and can be reached by mapping it.
 */
#include "guest.h"

static u64 *window;

/* Tables of the list aren't mapped anywhere: look at one through a page of ours. */
static u64 *peek(ul mfn)
{
    if (set_pte_va((ul)window, (u64)mfn << PAGE_SHIFT | PTE_P, UVMF_INVLPG))
        panic("table can't be mapped");
    return window;
}

/* The entry for va at level, 0 if a level above is missing. */
static u64 entry_of(ul va, int level)
{
    u64 e = kernel_l4()[pt_index(va, 4)];

    for (int l = 3; l >= level; l--)
        e = e & PTE_P ? peek(PTE_MFN(e))[pt_index(va, l)] : 0;
    return e;
}

static bool in_range(ul pfn)
{
    return pfn >= start_info->first_p2m_pfn &&
           pfn < start_info->first_p2m_pfn + start_info->nr_p2m_frames;
}

static void test_module(const ul *p2m)
{
    struct start_info *si = start_info;

    if (!si->mod_len) {
        fact("module", "none");
        return;
    }
    check_true("module-is-pfn", si->mod_start < si->nr_pages);
    check_true("module-outside-kernel", si->mod_start > pfn_of((void *)si->pt_base));
    check_true("module-contents", !memcmp(peek(p2m[si->mod_start]), "module-contents", 15));
    check("module-len", si->mod_len >= 15, "%lu", si->mod_len);
}

void test_main(void)
{
    struct start_info *si = start_info;
    const ul *p2m = (const ul *)GUEST_INIT_P2M;
    ul bad = 0, data_pages = (si->nr_pages * 8 + PAGE_SIZE - 1) >> PAGE_SHIFT, tables = 0;
    ul outside = 0, readonly = 0, writable = 0;

    window = page_alloc();
    check_hex("mfn_list", si->mfn_list, GUEST_INIT_P2M);
    check_hex("flags", si->flags & SIF_MOD_START_PFN, si->mod_len ? SIF_MOD_START_PFN : 0);
    for (ul pfn = 0; pfn < si->nr_pages; pfn++)
        bad += M2P[p2m[pfn]] != pfn;
    check_num("p2m-m2p-differences", bad, 0);
    check_true("first_p2m_pfn", si->first_p2m_pfn > pfn_of(si) && si->first_p2m_pfn < si->nr_pages);
    for (ul i = 0; i < data_pages; i++) {
        u64 e = entry_of(GUEST_INIT_P2M + i * PAGE_SIZE, 1);

        outside += !(e & PTE_P) || !in_range(M2P[PTE_MFN(e)]);
        readonly += !(e & PTE_RW);
    }
    check_num("p2m-frames-outside", outside, 0);
    check_num("p2m-frames-readonly", readonly, 0);
    for (int level = 4; level >= 2; level--)
        tables += in_range(M2P[PTE_MFN(entry_of(GUEST_INIT_P2M, level))]);
    check_num("p2m-tables-inside", tables, 3);
    check_num("nr_p2m_frames-beyond-data", si->nr_p2m_frames - data_pages, 3);
    for (ul va = VIRT_BASE; va < VIRT_BASE + 0x1000000; va += PAGE_SIZE) {
        u64 e = entry_of(va, 1);

        writable += (e & PTE_P) && (e & PTE_RW) &&
                    M2P[PTE_MFN(e)] >= si->first_p2m_pfn + data_pages && in_range(M2P[PTE_MFN(e)]);
    }
    check_num("p2m-tables-mapped-writable", writable, 0);
    test_module(p2m);
}
