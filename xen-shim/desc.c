// SPDX-License-Identifier: MIT
/*
 * set_gdt, update_descriptor and the LDT.  All descriptors become DPL 3, as on Xen: kernels load
 * them with RPL 3; gates and system descriptors, which a PV guest can't have, lose their present
 * bit.
 */
#include "desc.h"

#include "frames.h"
#include "hypercall.h"
#include "isolate.h"
#include "map.h"
#include "mmu.h"
#include "shim.h"
#include "tlb.h"
#include "usercopy.h"

#define DESC_P   (1UL << 47)
#define DESC_S   (1UL << 44) /* code or data, not a system segment */
#define DESC_DPL (3UL << 45)

u64 gdt_empty_mfn;

static bool fix_descriptor(u64 *d)
{
    if (!(*d & DESC_P))
        return true;
    if (!(*d & DESC_S))
        return false;
    *d |= DESC_DPL;
    return true;
}

static void fix_table(u64 *d, u32 n)
{
    for (; n; d++, n--)
        if (!fix_descriptor(d))
            *d &= ~DESC_P;
}

s64 desc_set_gdt(struct vcpu *v, const u64 *mfns, u32 ents)
{
    u32 frames = (ents + 511) / 512;

    if (ents > FIRST_RESERVED_GDT_ENTRY)
        return -XEN_EINVAL;
    for (u32 i = 0; i < frames; i++)
        if (!mmu_frame_ok(mfns[i]))
            return -XEN_EINVAL;
    for (u32 i = 0; i < ARRAY_SIZE(v->gdt_mfn); i++) {
        u64 addr = vcpu_area(v->id) + VCPU_GDT_OFF + i * PAGE_SIZE;

        v->gdt_mfn[i] = i < frames ? mfns[i] : 0;
        if (i < frames) {
            fix_table(mfn_va(mfns[i]), min_t(u32, ents - i * 512, 512));
            map_both(addr, mfns[i], PTE_W | pte_nx);
        } else {
            map_both(addr, gdt_empty_mfn, pte_nx);
        }
    }
    v->gdt_ents = ents;
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
    if (maddr & 7 || !mmu_frame_ok(maddr >> PAGE_SHIFT) || !fix_descriptor(&desc))
        return -XEN_EINVAL;
    ACCESS_ONCE(*(u64 *)va(maddr)) = desc;
    return 0;
}

/* User mode's own table needn't have the address that the guest's kernel gave. */
static u64 ldt_in_area(const struct vcpu *v)
{
    u64 base = vcpu_area(v->id) + VCPU_LDT_OFF;

    for (u64 off = 0; off < v->ldt_ents * 8UL; off += PAGE_SIZE) {
        const u64 *pte = mmu_l1_entry(v->cr3, v->ldt_base + off);
        mfn_t mfn = pte && mmu_frame_ok(PTE_MFN(*pte)) ? PTE_MFN(*pte) : gdt_empty_mfn;
        map_both(base + off, mfn, PTE_W | pte_nx);
    }
    tlb_flush_local(TLB_ALL);
    return base;
}

void desc_load_ldt(const struct vcpu *v)
{
    u64 *d = (u64 *)(vcpu_area(v->id) + VCPU_GDT_OFF + SEL_LDT);
    u16 sel = 0;

    if (v->ldt_ents) {
        u64 base = ldt_in_area(v), limit = v->ldt_ents * 8UL - 1;
        d[0] = (limit & 0xffff) | (base & 0xffffff) << 16 | 0x82UL << 40 |
               (limit >> 16 & 0xf) << 48 | (base >> 24 & 0xff) << 56;
        d[1] = base >> 32;
        sel = SEL_LDT;
    }
    __asm__ volatile("lldt %w0" ::"r"(sel) : "memory");
}

/* The frames of an LDT are fixed up when it is set; later writes come by update_descriptor. */
s64 desc_set_ldt(struct vcpu *v, u64 addr, u64 ents)
{
    if (ents > 8192 || (ents && (addr & (PAGE_SIZE - 1) || !guest_range_ok(addr, ents * 8))))
        return -XEN_EINVAL;
    for (u64 i = 0; i < ents; i += 512) {
        u64 *pte = mmu_l1_entry(v->cr3, addr + i * 8);
        if (pte && *pte & PTE_P && mmu_frame_ok(PTE_MFN(*pte)))
            fix_table(mfn_va(PTE_MFN(*pte)), (u32)min_t(u64, ents - i, 512));
    }
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
