// SPDX-License-Identifier: MIT
/* mmu_update and update_va_mapping; see mmu.h. */
#include "mmu.h"

#include "count.h"
#include "frames.h"
#include "grant_window.h"
#include "guest.h"
#include "hypercall.h"
#include "kind.h"
#include "l0.h"
#include "map.h"
#include "preempt.h"
#include "quickwalk.h"
#include "shim.h"
#include "tables.h"
#include "tlb.h"
#include "usercopy.h"

/* Notes all levels of a walk that came to an L1; another vCPU may have changed it since. */
static u64 *__attribute__((noinline)) walk_seen(u64 l4_pa, u64 addr, u64 *result)
{
    const u64 *at = va(l4_pa);

    for (int shift = 39; shift > 12; shift -= 9) {
        at += addr >> shift & 511;
        u64 e = ACCESS_ONCE(*at);
        if (!(e & PTE_P) || !mfn_mapped(PTE_MFN(e)))
            break;
        table_seen(PTE_MFN(e), at);
        at = mfn_va(PTE_MFN(e));
    }
    return result;
}

u64 *mmu_l1_entry(u64 l4_pa, u64 addr)
{
    const u64 *at = (const u64 *)va(l4_pa) + (addr >> 39 & 511);
    u64 e;

    if ((addr >> 39 & 511) - HOLE_SLOT < HOLE_SLOTS)
        return NULL;
    /* most often it's a table of which nothing need be noted */
    e = quickwalk_table(l4_pa, addr);
    if (likely((frame_get(PTE_MFN(e)) & (FRAME_RAM | FRAME_PINNED)) == (FRAME_RAM | 1)))
        return (u64 *)mfn_va(PTE_MFN(e)) + (addr >> 12 & 511);
    e = ACCESS_ONCE(*at);
    for (int shift = 30; shift > 12; shift -= 9) {
        if (!(e & PTE_P) || !mfn_mapped(PTE_MFN(e)))
            return NULL;
        at = (const u64 *)mfn_va(PTE_MFN(e)) + (addr >> shift & 511);
        e = ACCESS_ONCE(*at);
        if (e & PTE_PS)
            return NULL;
    }
    if (!(e & PTE_P) || !mfn_mapped(PTE_MFN(e)))
        return NULL;
    u64 *found = (u64 *)mfn_va(PTE_MFN(e)) + (addr >> 12 & 511);
    return likely(table_is_seen(PTE_MFN(e), at)) ? found : walk_seen(l4_pa, addr, found);
}

/*
 * Must a change of an entry be flushed before the call returns?  The ABI: level 2 and up yes,
 * level 1 is the guest's own business.  Pins tell the level of most tables; where they don't, what
 * the old entry led to does, or what was seen of the table.  One of which nothing is known counts
 * as of level 2: a flush too many costs less than a search.
 */
static bool change_needs_flush(struct vcpu *v, mfn_t table, u64 old, u64 val)
{
    if (!(old & PTE_P) || !((old ^ val) & ~(PTE_A | PTE_D)))
        return false;
    u8 level = frame_get(table) & FRAME_PINNED;
    if (level)
        return level > 1;
    /* more rights than before: a CPU that has the old ones looks again at a fault */
    if (PTE_MFN(old) == PTE_MFN(val) && val & PTE_P && !(old & ~val & (PTE_W | PTE_U)) &&
        !(val & ~old & PTE_NX))
        return false;
    if (frame_get(PTE_MFN(old)) & FRAME_PINNED)
        return true;
    return table_level(v, table) != 1;
}

/* An entry may lead to the guest's memory, what L0 shares with it, or nowhere. */
static inline bool entry_ok(u64 val)
{
    return !(val & PTE_P) || frame_is_ram(PTE_MFN(val)) || l0_is_shared_gfn(PTE_MFN(val));
}

/* It may have other flags when it leads to what another domain granted, but only grant_table_op
 * makes an entry lead there.  0, or the error for an entry that isn't ok. */
static s64 entry_of_grant(const u64 *entry, u64 val)
{
    u64 old = ACCESS_ONCE(*entry);

    if (!grant_frame_mapped(PTE_MFN(val)))
        return -XEN_EPERM;
    return old & PTE_P && PTE_MFN(old) == PTE_MFN(val) ? 0 : -XEN_EBUSY;
}

static inline u64 store_keeping_ad(u64 *entry, u64 val)
{
    u64 old = ACCESS_ONCE(*entry);

    while (!__atomic_compare_exchange_n(entry, &old, val | (old & (PTE_A | PTE_D)), false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        ;
    return old;
}

/* The most frequent case: into a pinned level-1 table.  No hole, no flush, no copy in the user's
 * L4.  One such entry alone is done before it comes here: syscall64.S, not_iret.  False when it
 * isn't that simple, and nothing was done. */
static inline bool store_in_l1(u64 maddr, u64 val, bool preserve_ad)
{
    mfn_t mfn = maddr >> PAGE_SHIFT;

    if ((frame_get(mfn) & (FRAME_RAM | FRAME_PINNED)) != (FRAME_RAM | 1) || !mfn_mapped(mfn) ||
        (val & PTE_P && !frame_is_ram(PTE_MFN(val))))
        return false;
    COUNT(pt_write);
    if (preserve_ad)
        store_keeping_ad(va(maddr), val);
    else
        ACCESS_ONCE(*(u64 *)va(maddr)) = val;
    return true;
}

/* A store into a page table or any other frame by machine address; preserve_ad keeps A and D. */
static s64 mmu_store(struct vcpu *v, u64 maddr, u64 val, bool preserve_ad, bool *flush)
{
    mfn_t mfn = maddr >> PAGE_SHIFT;
    u64 *entry = va(maddr), old, slot = maddr >> 3 & 511;

    work_done(v, WORK_STORE);
    if (unlikely(!frame_ok(mfn)))
        return -XEN_EINVAL;
    if (unlikely(slot - kind->hole_slot < kind->hole_slots) && kind->has_hole(mfn))
        return kind->hole_error; /* the hypervisor's slots */
    u8 state = frame_get(mfn);
    bool root = state & (FRAME_L4 | FRAME_ROOT32) ||
                (!(state & FRAME_PINNED) &&
                 (mfn == v->cr3 >> PAGE_SHIFT || mfn == v->user_cr3 >> PAGE_SHIFT));
    if (unlikely(root) && kind->root_entry && kind->root_entry(entry, val))
        return -XEN_EINVAL;
    if (unlikely(!entry_ok(val))) { /* in a frame that is no table it is only a number */
        u8 level = table_search(v, mfn);
        work_done(v, WORK_SLICE);
        if (level == TREE_AGAIN)
            return call_again(v, 0, 0, 0, 0);
        s64 rc = entry_of_grant(entry, val);
        if (level && (rc || level > 1))
            return rc ? rc : -XEN_EPERM;
    }
    COUNT(pt_write);
    if (preserve_ad) {
        old = store_keeping_ad(entry, val);
    } else {
        old = *entry;
        ACCESS_ONCE(*entry) = val;
    }
    if (root)
        mmu_l4_entry_changed(mfn, slot);
    if ((val & (PTE_P | PTE_PS)) == PTE_P && !(old & PTE_P) &&
        !(frame_get(PTE_MFN(val)) & FRAME_PINNED) && table_level(v, mfn) > 1)
        table_seen(PTE_MFN(val), entry);
    if (!*flush)
        *flush = change_needs_flush(v, mfn, old, val);
    return 0;
}

static s64 machphys_update(u64 mfn, u64 pfn)
{
    if (!frame_is_ram(mfn))
        return -XEN_EINVAL;
    m2p_set(mfn, pfn);
    return 0;
}

void mmu_write_done(u64 addr, u64 done)
{
    u32 n = (u32)done;

    if (addr)
        copy_to_guest(addr, &n, sizeof(n));
}

static u32 read_done(u64 addr)
{
    u32 n = 0;

    if (addr)
        copy_from_guest(&n, addr, sizeof(n));
    return n;
}

s64 mmu_continued(hypercall_fn *fn, u64 list, u64 count, u64 done_addr, u64 foreign)
{
    u32 before = read_done(done_addr);

    mmu_write_done(done_addr, 0);
    s64 rc = fn(list, count & ~MMU_COUNT_PREEMPTED, done_addr, foreign, 0);
    mmu_write_done(done_addr, before + read_done(done_addr));
    return rc;
}

s64 do_mmu_update(u64 reqs, u64 count, u64 done_addr, u64 foreign, u64 a5)
{
    struct vcpu *v = current();
    bool flush = false;
    s64 rc = 0;
    u64 i, owner = foreign & 0xffff;

    (void)a5;
    if (unlikely(count & MMU_COUNT_PREEMPTED))
        return mmu_continued(do_mmu_update, reqs, count, done_addr, foreign);
    if (foreign >> 16)
        return -XEN_EPERM;
    if (owner != DOMID_SELF && owner != DOMID_IO && owner != guest.domid)
        return owner == DOMID_XEN ? -XEN_EPERM : -XEN_ESRCH;
    count = (u32)count;
    if (!guest_range_ok(reqs, count * sizeof(struct mmu_update)))
        rc = -XEN_EFAULT;
    for (i = 0; i < count && !rc; i++) {
        u64 ptr, val, addr = reqs + i * sizeof(struct mmu_update);

        if (unlikely(work_done(v, 1)) && i) {
            rc = call_again(v, 2, addr, (count - i) | MMU_COUNT_PREEMPTED, 0);
            break;
        }
        if (unlikely(!get_guest_pair(&ptr, &val, addr))) {
            rc = -XEN_EFAULT;
            break;
        }
        if (likely((ptr & 7) == MMU_NORMAL_PT_UPDATE || (ptr & 7) == MMU_PT_UPDATE_PRESERVE_AD) &&
            store_in_l1(ptr & ~7UL, val, ptr & MMU_PT_UPDATE_PRESERVE_AD))
            continue;
        switch (ptr & 7) {
        case MMU_NORMAL_PT_UPDATE:
        case MMU_PT_UPDATE_NO_TRANSLATE:
            rc = mmu_store(v, ptr & ~7UL, val, false, &flush);
            break;
        case MMU_PT_UPDATE_PRESERVE_AD:
            rc = mmu_store(v, ptr & ~7UL, val, true, &flush);
            break;
        case MMU_MACHPHYS_UPDATE:
            rc = machphys_update(ptr >> PAGE_SHIFT, val);
            break;
        default:
            rc = -XEN_ENOSYS;
        }
        if (unlikely(rc == CALL_AGAIN))
            rc = call_again(v, 2, addr, (count - i) | MMU_COUNT_PREEMPTED, 0);
        if (rc)
            break;
    }
    if (flush)
        tlb_flush_all(TLB_ALL);
    mmu_write_done(done_addr, i); /* a bad pointer is not an error, as on Xen */
    return rc;
}

static s64 flush_as_told(u64 addr, u64 flags)
{
    u64 what, target = flags & ~(u64)UVMF_FLUSHTYPE_MASK;

    switch (flags & UVMF_FLUSHTYPE_MASK) {
    case UVMF_TLB_FLUSH:
        what = TLB_ALL;
        break;
    case UVMF_INVLPG:
        what = addr;
        break;
    default:
        return 0;
    }
    if (target == UVMF_LOCAL) {
        tlb_flush_local(what);
    } else if (target & UVMF_ALL) {
        tlb_flush_all(what);
    } else {
        u64 mask[2] = {0};
        if (!copy_from_guest(mask, target, (nr_vcpus + 7) / 8))
            return -XEN_EFAULT;
        tlb_flush_mask(mask, what);
    }
    return 0;
}

s64 do_update_va_mapping(u64 addr, u64 val, u64 flags, u64 a4, u64 a5)
{
    struct vcpu *v = current();
    u64 *entry = mmu_l1_entry(v->cr3, addr);

    (void)a4, (void)a5;
    if (unlikely(!entry))
        return -XEN_EINVAL;
    if (unlikely(!entry_ok(val))) {
        s64 rc = entry_of_grant(entry, val);
        if (rc)
            return rc;
    }
    COUNT(pt_write);
    ACCESS_ONCE(*entry) = val;
    return flags ? flush_as_told(addr, flags) : 0;
}

s64 do_update_va_mapping_otherdomain(u64 addr, u64 val, u64 flags, u64 domid, u64 a5)
{
    if (!own_domain(domid))
        return -XEN_ESRCH;
    return do_update_va_mapping(addr, val, flags, 0, a5);
}
