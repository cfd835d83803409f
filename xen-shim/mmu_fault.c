// SPDX-License-Identifier: MIT
/*
 * Writes to page tables.  A PV kernel maps its page tables read-only, as Xen wants it, and still
 * stores into them, relying on Xen to emulate the store.  Here nothing depends on the read-only
 * mapping, so the repair is to make that mapping writable and let the store happen.
 *
 * What must not be repaired: user memory (copy on write), and the kernel's own read-only data.
 */
#include "mmu.h"

#include "count.h"
#include "frames.h"
#include "map.h"
#include "shim.h"
#include "tlb.h"

/* Level of mfn in the tree below this table, 0 when it isn't in it. */
static u8 level_in_tree(mfn_t table, u8 level, mfn_t mfn)
{
    const u64 *t;

    if (table == mfn)
        return level;
    if (level == 1 || !mmu_frame_ok(table))
        return 0;
    t = mfn_va(table);
    for (unsigned int i = 0; i < 512; i++) {
        if (level == 4 && i - HOLE_SLOT < HOLE_SLOTS)
            continue;
        if ((t[i] & (PTE_P | PTE_PS)) != PTE_P)
            continue;
        mfn_t next = PTE_MFN(t[i]);
        if (next == table) /* a recursive map */
            continue;
        u8 found = level == 2 ? next == mfn : level_in_tree(next, level - 1, mfn);
        if (found)
            return found;
    }
    return 0;
}

u8 mmu_table_level(struct vcpu *v, u64 mfn)
{
    u8 level = frame_get(mfn) & FRAME_PINNED;

    if (!level)
        level = level_in_tree(v->cr3 >> PAGE_SHIFT, 4, mfn);
    if (!level && v->user_cr3 && v->user_cr3 != v->cr3)
        level = level_in_tree(v->user_cr3 >> PAGE_SHIFT, 4, mfn);
    for (mfn_t l4 = 0; !level && l4 < m2p_end; l4++)
        if ((*frame_state(l4) & FRAME_PINNED) == 4)
            level = level_in_tree(l4, 4, mfn);
    return level;
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
    if (user || !mmu_table_level(v, PTE_MFN(*entries[3])))
        return false;
    COUNT(pt_repair);
    mmu_l4_changed(); /* it may be an L4 that is written unseen from now on */
    for (int i = 0; i < 4; i++)
        if (!(ACCESS_ONCE(*entries[i]) & PTE_W))
            __atomic_fetch_or(entries[i], PTE_W, __ATOMIC_SEQ_CST);
    tlb_flush_local(addr);
    return true;
}
