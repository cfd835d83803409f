// SPDX-License-Identifier: MIT
/*
 * Page faults of user mode that the guest would not have on Xen.  There every present entry of a
 * 64-bit guest's tables has the U bit, whatever the kernel wrote: what user mode may reach is what
 * its own L4 leads to.  Here kernel pages are supervisor pages, entries are stored as they were
 * written, and user mode often runs on the kernel's L4.  So what the user's tree allows but for a
 * missing U is mended when user mode gets there: in that tree, and never in a table that only the
 * kernel's L4 leads to.
 */
#include "frames.h"
#include "grant_window.h"
#include "isolate.h"
#include "l0.h"
#include "map.h"
#include "mmu.h"
#include "quickwalk.h"
#include "shim.h"
#include "tlb.h"

/* An entry that another vCPU has changed meanwhile is left alone: the access shows what it is now.
 */
static void add_user_bit(u64 *entry, u64 old)
{
    __atomic_compare_exchange_n(entry, &old, old | PTE_U, false, __ATOMIC_SEQ_CST,
                                __ATOMIC_SEQ_CST);
}

/* Is what user mode runs on a tree that has, below this slot, what its own L4 has? */
static bool runs_on_this(const struct vcpu *v, u64 slot)
{
    const u64 *k = va(v->cr3), *u = va(v->user_cr3);

    return isolate || v->separate_user || v->cr3 == v->user_cr3 ||
           (slot < HOLE_SLOT && !((k[slot] ^ u[slot]) & ~(PTE_A | PTE_D)));
}

/* The frequent write fault, of a page that is to be copied: is the leaf of the user's tree there
 * and read-only?  Then no U bit is the reason. */
bool mmu_user_read_only(const struct vcpu *v, u64 addr)
{
    u64 leaf;

    return quickwalk(v->user_cr3, addr, &leaf) & PTE_P && !(leaf & PTE_W);
}

u32 mmu_user_fault(struct vcpu *v, u64 addr, u32 error_code)
{
    u64 *entry[4], e[4], *table = va(v->user_cr3), rights = ~0UL, nx = 0;
    const u64 slot = addr >> 39 & 511;

    if (unlikely(slot - HOLE_SLOT < HOLE_SLOTS || error_code & PF_RSVD))
        return error_code;
    for (int i = 0, shift = 39; i < 4; i++, shift -= 9) {
        entry[i] = &table[addr >> shift & 511];
        e[i] = ACCESS_ONCE(*entry[i]);
        if (unlikely(!(e[i] & PTE_P)))
            return error_code & ~PF_P; /* the kernel's L4 may have more there */
        /* an L4 that has itself as a table leads to the shim's own by the hypervisor's slots */
        if (unlikely(i < 3 ? e[i] & PTE_PS || !frame_ok(PTE_MFN(e[i]))
                           : !frame_is_ram(PTE_MFN(e[i])) && !l0_is_shared_gfn(PTE_MFN(e[i])) &&
                                 !grant_frame_mapped(PTE_MFN(e[i]))))
            return error_code;
        rights &= e[i];
        nx |= e[i];
        table = mfn_va(PTE_MFN(e[i]));
    }
    if ((error_code & PF_W && !(rights & PTE_W)) || (error_code & PF_I && nx & pte_nx))
        return error_code | PF_P;

    if (!(rights & PTE_U)) {
        if (slot >= HOLE_SLOT)
            mmu_open_upper_half();
        for (int i = 0; i < 4; i++)
            if (!(e[i] & PTE_U))
                add_user_bit(entry[i], e[i]);
        if (!(e[0] & PTE_U))
            mmu_l4_changed();
    }
    if (v->user_table_dirty)
        mmu_rechoose_user_table(v);
    if (!runs_on_this(v, slot))
        mmu_run_on_own_table(v);
    tlb_flush_local(addr);
    return 0;
}
