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
#include "guest.h"
#include "map.h"
#include "shim.h"
#include "tables.h"
#include "tlb.h"

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
    if (user)
        return false;
    switch (table_search(v, PTE_MFN(*entries[3]))) {
    case 0:
        return false;
    case TREE_AGAIN: /* it will fault again */
        return true;
    case 3: /* a 32-bit guest's L3 has copies */
        if (guest.pv32)
            return false;
    }
    COUNT(pt_repair);
    /* it may be an L4 that is written unseen from now on */
    mmu_l4_frame_changed(PTE_MFN(*entries[3]));
    for (int i = 0; i < 4; i++)
        if (!(ACCESS_ONCE(*entries[i]) & PTE_W))
            __atomic_fetch_or(entries[i], PTE_W, __ATOMIC_SEQ_CST);
    tlb_flush_local(addr);
    return true;
}
