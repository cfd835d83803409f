// SPDX-License-Identifier: MIT
/*
 * Writes to page tables.  A PV kernel maps its page tables read-only, as Xen wants it, and still
 * stores into them, relying on Xen to emulate the store.  Here nothing depends on the read-only
 * mapping, so the repair is to make that mapping writable and let the store happen.
 *
 * What must not be repaired: user memory (copy on write), and the kernel's own read-only data.
 */
#include "mmu.h"

#include "frames.h"
#include "map.h"
#include "shim.h"
#include "tlb.h"

/* Is mfn a table of the tree below this table?  Levels 4 to 2 are looked into, nothing else. */
static bool in_tree(mfn_t table, int level, mfn_t mfn)
{
    const u64 *t;

    if (table == mfn)
        return true;
    if (level == 1 || !mmu_frame_ok(table))
        return false;
    t = mfn_va(table);
    for (unsigned int i = 0; i < 512; i++) {
        if (level == 4 && i - HOLE_SLOT < HOLE_SLOTS)
            continue;
        if ((t[i] & (PTE_P | PTE_PS)) != PTE_P)
            continue;
        mfn_t next = PTE_MFN(t[i]);
        if (next == table) /* a recursive map */
            continue;
        if (level == 2 ? next == mfn : in_tree(next, level - 1, mfn))
            return true;
    }
    return false;
}

static bool is_page_table(struct vcpu *v, mfn_t mfn)
{
    if (frame_get(mfn) & FRAME_PINNED)
        return true;
    /* Not pinned itself: part of a live tree?  Rare, so a search is good enough. */
    if (in_tree(v->cr3 >> PAGE_SHIFT, 4, mfn))
        return true;
    if (v->user_cr3 && v->user_cr3 != v->cr3 && in_tree(v->user_cr3 >> PAGE_SHIFT, 4, mfn))
        return true;
    for (mfn_t l4 = 0; l4 < m2p_end; l4++)
        if ((*frame_state(l4) & FRAME_PINNED) == 4 && in_tree(l4, 4, mfn))
            return true;
    return false;
}

bool mmu_fault_repair(struct vcpu *v, u64 addr, u32 error_code)
{
    if (!v->kernel_mode || (error_code & (PF_P | PF_W | PF_U | PF_RSVD | PF_I)) != (PF_P | PF_W))
        return false;
    if ((addr >> 39 & 511) - HOLE_SLOT < HOLE_SLOTS)
        return false;

    u64 *entries[4], *table = va(v->cr3), user = PTE_U;
    for (int i = 0, shift = 39; i < 4; i++, shift -= 9) {
        entries[i] = &table[addr >> shift & 511];
        u64 e = ACCESS_ONCE(*entries[i]);
        if (!(e & PTE_P) || (e & PTE_PS && i > 0 && i < 3) || (i < 3 && !mfn_mapped(PTE_MFN(e))))
            return false;
        user &= e;
        table = i < 3 ? mfn_va(PTE_MFN(e)) : NULL;
    }
    if (user || !is_page_table(v, PTE_MFN(*entries[3])))
        return false;
    for (int i = 0; i < 4; i++)
        if (!(ACCESS_ONCE(*entries[i]) & PTE_W))
            __atomic_fetch_or(entries[i], PTE_W, __ATOMIC_SEQ_CST);
    tlb_flush_local(addr);
    return true;
}
