// SPDX-License-Identifier: MIT
/* See mmu32.h. */
#include "mmu32.h"

#include "count.h"
#include "frames.h"
#include "hypercall.h"
#include "isolate32.h"
#include "map.h"
#include "ram.h"
#include "shim.h"

/* Of each vCPU: the level-3 table below slot 0 of its L4, and who copies to it. */
static u64 *l3_of[MAX_VCPUS];
static lock_t copy_lock[MAX_VCPUS];

/* The machine-to-phys table's level-2 table, which has its slots in order. */
static const u64 *m2p_l2;

u64 *mmu32_own_table(u8 level)
{
    mfn_t mfn = ram_page();

    *frame_state(mfn) = level;
    return mfn_va(mfn);
}

static void init_vcpu(struct vcpu *v)
{
    u64 *table = mmu32_own_table(4), *l3 = mmu32_own_table(3);
    mfn_t xlat = ram_page();

    for (unsigned int i = HOLE_SLOT; i < HOLE_SLOT + HOLE_SLOTS; i++)
        table[i] = boot_l4[i];
    table[0] = mmu32_table_entry(l3);
    table[XLAT_VIRT >> 39] = xlat << PAGE_SHIFT | PTE_P | PTE_W | PTE_A;
    for (u64 off = 0; off < XLAT_BYTES; off += PAGE_SIZE)
        map_page_in(mfn_va(xlat), XLAT_VIRT + off, ram_page(), PTE_W | pte_nx);
    l3_of[v->id] = l3;
    v->cr3 = (u64)table - DIRECT_MAP;
    isolate32_init_vcpu(v);
}

void mmu32_init(void)
{
    const u64 *l3 = mfn_va(PTE_MFN(boot_l4[M2P_RW >> 39 & 511]));

    m2p_l2 = mfn_va(PTE_MFN(l3[0]));
    for (u32 i = 0; i < nr_vcpus; i++)
        init_vcpu(vcpu_of(i));
}

/* Read-only by the entry of level 2: the tables below are the shim's own view's. */
static u64 m2p_entry(unsigned int i)
{
    return i < (M2P32_RO_END - M2P32_RO) >> 21 ? m2p_l2[i] & ~PTE_W : 0;
}

bool mmu32_has_hole(mfn_t mfn)
{
    return ((const u64 *)mfn_va(mfn))[HOLE32_SLOT] == m2p_entry(0);
}

static void prepare_l2(mfn_t mfn)
{
    u64 *l2 = mfn_va(mfn);

    if (mmu32_has_hole(mfn))
        return;
    for (unsigned int i = HOLE32_SLOTS; i--;) /* the first one, which tells that it's done, last */
        ACCESS_ONCE(l2[HOLE32_SLOT + i]) = m2p_entry(i);
}

void mmu32_prepare_root(mfn_t mfn)
{
    u64 e = ((const u64 *)mfn_va(mfn))[3];

    if (e & PTE_P && frame_ok(PTE_MFN(e)))
        prepare_l2(PTE_MFN(e));
}

/* Under the lock.  in_use: it is an L3 for certain.  One that a vCPU had when it went down may be
 * data by now, and what it seems to lead to, too. */
static void copy_root(const struct vcpu *v, bool in_use)
{
    const u64 *root = va(v->user_cr3);

    for (unsigned int i = 0; i < 4; i++) {
        u64 e = ACCESS_ONCE(root[i]);
        bool ok = e & PTE_P && frame_ok(PTE_MFN(e));

        if (ok && i == 3 && in_use)
            prepare_l2(PTE_MFN(e));
        ACCESS_ONCE(l3_of[v->id][i]) =
            isolate32_l3_entry(v, i, ok ? PTE_MFN(e) << PAGE_SHIFT | ALL_RIGHTS : 0);
    }
}

s64 mmu32_set_root(struct vcpu *v, mfn_t mfn)
{
    if (!frame_ok(mfn))
        return -XEN_EINVAL;
    lock(&copy_lock[v->id]);
    ACCESS_ONCE(v->user_cr3) = mfn << PAGE_SHIFT;
    copy_root(v, true);
    unlock(&copy_lock[v->id]);
    return 0;
}

void mmu32_copy_root_again(struct vcpu *v)
{
    lock(&copy_lock[v->id]);
    copy_root(v, true);
    unlock(&copy_lock[v->id]);
}

/* Does it lead to a page for addr? */
static bool maps(mfn_t l3, u32 addr)
{
    const u64 *table = mfn_va(l3);
    u64 e;

    for (int shift = 30; shift >= 12; shift -= 9) {
        e = ACCESS_ONCE(table[addr >> shift & (shift == 30 ? 3 : 511)]);
        if (!(e & PTE_P) || !mfn_mapped(PTE_MFN(e)))
            return false;
        table = mfn_va(PTE_MFN(e));
    }
    return true;
}

bool mmu32_root_ok(mfn_t mfn, u32 eip)
{
    return frame_ok(mfn) && (*frame_state(mfn) & FRAME_ROOT32 || maps(mfn, eip));
}

s64 mmu32_root_entry(const u64 *entry, u64 val)
{
    u64 slot = (u64)entry >> 3 & 511, old = ACCESS_ONCE(*entry);

    if (slot > 3 || (val & PTE_P && val & PTE_NX))
        return -XEN_EINVAL;
    /* the last L2 stays: without the hypervisor's slots the kernel wouldn't go on */
    if (slot == 3 && old & PTE_P && (!(val & PTE_P) || PTE_MFN(val) != PTE_MFN(old)))
        return -XEN_EINVAL;
    return 0;
}

/* A table that doesn't map what runs now would be the end. */
s64 mmu32_new_root(struct vcpu *v, mfn_t mfn)
{
    if (!mmu32_root_ok(mfn, (u32)vcpu_regs(v)->rip))
        return -XEN_EINVAL;
    mmu32_set_root(v, mfn);
    mmu32_load(v);
    return 0;
}

void mmu32_load(struct vcpu *v)
{
    COUNT(cr3_load);
    lobby(v)->kernel_cr3 = v->cr3;
    write_cr3(v->cr3);
}

void mmu32_root_changed(void)
{
    for (u32 i = 0; i < nr_vcpus; i++) {
        struct vcpu *v = vcpu_of(i);

        lock(&copy_lock[i]);
        if (v->user_cr3)
            copy_root(v, v == current() || frame_get(v->user_cr3 >> PAGE_SHIFT) & FRAME_ROOT32);
        unlock(&copy_lock[i]);
    }
}
