// SPDX-License-Identifier: MIT
/*
 * The notes INIT_P2M and MOD_START_PFN, as Linux has them (pv-guest-abi 1.2, 1.3): the P2M list is
 * mapped at the address of the note and not behind the kernel, with the frames that first_p2m_pfn
 * and nr_p2m_frames name; its page tables are in there too, read-only where they are mapped; the
 * module isn't mapped at all but named by its first PFN, and can be reached by mapping it.
 */
#include "guest.h"

void test_main(void)
{
    struct start_info *si = start_info;
    const ul *p2m = (const ul *)GUEST_INIT_P2M;
    ul bad = 0, data_pages = (si->nr_pages * 8 + PAGE_SIZE - 1) >> PAGE_SHIFT, tables = 0;
    ul pfn_outside = 0, rw_tables = 0, end;
    u64 *window = page_alloc();

    check_hex("mfn_list", si->mfn_list, GUEST_INIT_P2M);
    check_hex("flags", si->flags & SIF_MOD_START_PFN, si->mod_len ? SIF_MOD_START_PFN : 0);
    for (ul pfn = 0; pfn < si->nr_pages; pfn++)
        bad += M2P[p2m[pfn]] != pfn;
    check_num("p2m-m2p-differences", bad, 0);
    check_true("first_p2m_pfn", si->first_p2m_pfn > pfn_of(si) && si->first_p2m_pfn < si->nr_pages);
    for (ul i = 0; i < data_pages; i++) {
        u64 *e = pt_entry(kernel_l4(), GUEST_INIT_P2M + i * PAGE_SIZE, 1);
        ul pfn = e && (*e & PTE_P) ? M2P[PTE_MFN(*e)] : ~0UL;

        pfn_outside += pfn < si->first_p2m_pfn || pfn >= si->first_p2m_pfn + si->nr_p2m_frames;
    }
    check_num("p2m-frames-outside", pfn_outside, 0);
    check_num("nr_p2m_frames", si->nr_p2m_frames - data_pages, 3);
    for (int level = 2; level <= 4; level++) {
        ul pfn = M2P[PTE_MFN(*pt_entry(kernel_l4(), GUEST_INIT_P2M, level))];

        tables += pfn >= si->first_p2m_pfn && pfn < si->first_p2m_pfn + si->nr_p2m_frames;
    }
    check_num("p2m-tables-inside", tables, 3);
    end = si->pt_base + (si->nr_pt_frames + 1) * PAGE_SIZE;
    end = (end + 0x7ffff + 0x3fffff) & ~0x3fffffUL;
    for (ul va = VIRT_BASE; va < end; va += PAGE_SIZE) {
        u64 *e = pt_entry(kernel_l4(), va, 1);
        ul pfn = e ? M2P[PTE_MFN(*e)] : 0;

        rw_tables += e && (*e & PTE_RW) && pfn >= si->first_p2m_pfn + data_pages &&
                     pfn < si->first_p2m_pfn + si->nr_p2m_frames;
    }
    check_num("p2m-tables-mapped-writable", rw_tables, 0);
    check_true("p2m-list-writable", (((ul *)GUEST_INIT_P2M)[0] = p2m[0]) == p2m[0]);

    if (!si->mod_len) {
        fact("module", "none");
        return;
    }
    check_true("module-is-pfn", si->mod_start < si->nr_pages);
    check_true("module-outside-kernel", si->mod_start > pfn_of((void *)si->pt_base));
    if (set_pte_va((ul)window, (u64)p2m[si->mod_start] << 12 | PT_KERNEL, UVMF_INVLPG))
        panic("module can't be mapped");
    check_true("module-contents", !memcmp(window, "module-contents", 15));
    check("module-len", si->mod_len >= 15, "%lu", si->mod_len);
}
