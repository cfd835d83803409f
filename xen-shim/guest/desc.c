// SPDX-License-Identifier: MIT
/*
 * set_gdt, update_descriptor and the LDT.  What a descriptor may be is as on Xen: code and data
 * become DPL 3, as kernels load them with RPL 3; a call gate becomes DPL 0, so that nobody can use
 * it; other present system descriptors are refused.  A frame is looked at as a whole, whatever part
 * of it is announced: the CPU's limit doesn't end there.
 */
#include "desc.h"

#include "cpu.h"
#include "frames.h"
#include "held.h"
#include "hypercall.h"
#include "isolate.h"
#include "kind.h"
#include "map.h"
#include "mmu.h"
#include "shim.h"
#include "tlb.h"
#include "usercopy.h"

#define DESC_PER_PAGE (PAGE_SIZE / 8)

static bool gate_target_ok(u16 sel)
{
    return sel & 4 || sel == FLAT_KERNEL_CS || sel < GDT_RESERVED_OFF;
}

bool desc_fix64(u64 *d)
{
    if (!(*d & DESC_P))
        return true;
    if (*d & DESC_S) {
        *d |= DESC_DPL;
        return true;
    }
    if (!(*d & DESC_TYPE)) /* the second half of something */
        return true;
    if ((*d & DESC_TYPE) != DESC_CALL_GATE || !gate_target_ok((u16)(*d >> 16)))
        return false;
    *d &= ~DESC_DPL;
    return true;
}

static bool frame_fits(mfn_t mfn)
{
    const u64 *table = mfn_va(mfn);

    for (u32 i = 0; i < DESC_PER_PAGE; i++) {
        u64 d = ACCESS_ONCE(table[i]);
        if (!kind->fix_descriptor(&d))
            return false;
    }
    return true;
}

static void fix_frame(mfn_t mfn)
{
    u64 *table = mfn_va(mfn);

    for (u32 i = 0; i < DESC_PER_PAGE; i++) {
        u64 old = ACCESS_ONCE(table[i]), d = old;
        if (!kind->fix_descriptor(&d))
            d = 0;
        if (d != old)
            ACCESS_ONCE(table[i]) = d;
    }
}

s64 desc_set_gdt(struct vcpu *v, const u64 *mfns, u32 ents)
{
    u32 frames = (ents + DESC_PER_PAGE - 1) / DESC_PER_PAGE;

    if (ents > FIRST_RESERVED_GDT_ENTRY)
        return -XEN_EINVAL;
    for (u32 i = 0; i < frames; i++)
        if (!frame_ok(mfns[i]) || !frame_fits(mfns[i]))
            return -XEN_EINVAL;
    for (u32 i = 0; i < ARRAY_SIZE(v->gdt_mfn); i++) {
        u64 addr = vcpu_area(v->id) + VCPU_GDT_OFF + i * PAGE_SIZE;
        mfn_t old = v->gdt_mfn[i];

        v->gdt_mfn[i] = i < frames ? mfns[i] : 0;
        if (i < frames) {
            hold_frame(mfns[i]);
            fix_frame(mfns[i]);
            map_both(addr, mfns[i], PTE_W | pte_nx);
        } else {
            map_both(addr, gdt_empty_mfn, pte_nx);
        }
        release_frame(old);
    }
    if (v == current())
        tlb_flush_local(TLB_ALL);
    return 0;
}

s64 do_set_gdt(u64 frames, u64 ents, u64 a3, u64 a4, u64 a5)
{
    u64 mfns[14];

    (void)a3, (void)a4, (void)a5;
    if (ents > FIRST_RESERVED_GDT_ENTRY)
        return -XEN_EINVAL;
    if (!copy_from_guest(mfns, frames, (ents + 511) / 512 * 8))
        return -XEN_EFAULT;
    return desc_set_gdt(current(), mfns, (u32)ents);
}

s64 do_update_descriptor(u64 maddr, u64 desc, u64 a3, u64 a4, u64 a5)
{
    (void)a3, (void)a4, (void)a5;
    if (maddr & 7 || !frame_ok(maddr >> PAGE_SHIFT) || !kind->fix_descriptor(&desc))
        return -XEN_EINVAL;
    ACCESS_ONCE(*(u64 *)va(maddr)) = desc;
    return 0;
}

/* The frame at an offset of v's LDT, or 0: none that could be used, so that its selectors are #GP.
 */
static mfn_t ldt_frame(const struct vcpu *v, u64 off)
{
    const u64 *pte = off < v->ldt_ents * 8UL ? mmu_l1_entry(v->cr3, v->ldt_base + off) : NULL;
    u64 e = pte ? ACCESS_ONCE(*pte) : 0;

    if (!(e & PTE_P) || !frame_ok(PTE_MFN(e)) || !frame_fits(PTE_MFN(e)))
        return 0;
    return PTE_MFN(e);
}

/*
 * User mode's own table needn't have the address that the guest's kernel gave, so the LDT is seen
 * through a window.  Nothing of an earlier one stays there: what is in the window may be read by
 * user mode (isolate.h).
 */
static u64 ldt_in_area(struct vcpu *v)
{
    u64 base = vcpu_area(v->id) + VCPU_LDT_OFF;
    bool changed = false;

    for (u32 i = 0; i < ARRAY_SIZE(v->ldt_mfn); i++) {
        mfn_t old = v->ldt_mfn[i], mfn = ldt_frame(v, i * PAGE_SIZE);

        if (mfn)
            fix_frame(mfn);
        if (mfn == old)
            continue;
        changed = true;
        hold_frame(mfn);
        v->ldt_mfn[i] = mfn;
        if (mfn)
            map_both(base + i * PAGE_SIZE, mfn, PTE_W | pte_nx);
        else
            map_both(base + i * PAGE_SIZE, gdt_empty_mfn, pte_nx);
        release_frame(old);
    }
    if (changed)
        tlb_flush_local(TLB_ALL);
    return base;
}

void desc_load_ldt(struct vcpu *v)
{
    u64 *d = (u64 *)(vcpu_area(v->id) + VCPU_GDT_OFF + SEL_LDT);
    u64 base = ldt_in_area(v), limit = v->ldt_ents * 8UL - 1;
    u16 sel = 0;

    if (v->ldt_ents) {
        d[0] = (limit & 0xffff) | (base & 0xffffff) << 16 | 0x82UL << 40 |
               (limit >> 16 & 0xf) << 48 | (base >> 24 & 0xff) << 56;
        d[1] = base >> 32;
        sel = SEL_LDT;
    }
    __asm__ volatile("lldt %w0" ::"r"(sel) : "memory");
}

/* The frames of an LDT are looked at when it is set; later writes come by update_descriptor. */
s64 desc_set_ldt(struct vcpu *v, u64 addr, u64 ents)
{
    if (ents > 8192 || (ents && (addr & (PAGE_SIZE - 1) || !guest_range_ok(addr, ents * 8))))
        return -XEN_EINVAL;
    v->ldt_base = addr;
    v->ldt_ents = (u32)ents;
    desc_load_ldt(v);
    return 0;
}

struct segment desc_segment(const struct vcpu *v, u16 selector)
{
    u64 table = vcpu_area(v->id) + (selector & 4 ? VCPU_LDT_OFF : VCPU_GDT_OFF);
    bool there = selector & 4 ? selector >> 3 < v->ldt_ents : (selector | 7) <= GDT_LIMIT;

    if (!there || selector_is_null(selector))
        return (struct segment){0};
    return segment_decode(ACCESS_ONCE(*(const u64 *)(table + (selector & ~7u))));
}
