// SPDX-License-Identifier: MIT
#include "localise.h"

#include <string.h>

#include <xen/foreign/x86_32.h>
#include <xen/foreign/x86_64.h>

_Static_assert(sizeof(vcpu_guest_context_x86_64_t) == sizeof(union context), "context");

#define PTE_P                        (1ULL << 0)
#define PTE_U                        (1ULL << 2)
#define PTE_PSE                      (1ULL << 7)
#define PTE_KERNEL                   (1ULL << 52) /* Xen's mark on what is the kernel's own; 64-bit guests' L1s */
#define PTE_FRAME                    0x000ffffffffff000ULL
#define GDT_PER_PAGE                 512
#define VMASST_TYPE_pae_extended_cr3 3 /* (the headers of both widths don't name it) */
#define MAX_GDT                      8192

bool table_check(struct image *img, uint64_t pfn, const uint64_t entry[512])
{
    unsigned int level = table_level(page_type(&img->page[pfn]));

    for (unsigned int i = 0; i < 512; i++) {
        uint64_t to = (entry[i] & PTE_FRAME) >> 12;

        if (!(entry[i] & PTE_P))
            continue;
        if (level > 1 && entry[i] & PTE_PSE)
            return fault(img,
                         "is of a guest with superpages (page %#llx, entry %u), which can't be "
                         "moved; use sidecar-switch, which boots it anew",
                         (unsigned long long)pfn, i);
        if (to >= img->nr_pages)
            return damaged(img,
                           "has page %#llx in entry %u of table %#llx, beyond the guest's %#llx",
                           (unsigned long long)to, i, (unsigned long long)pfn,
                           (unsigned long long)img->nr_pages);
        if (is_populated(page_type(&img->page[to])))
            continue;
        if (img->populated)
            return fault(img, "has changed since it was checked; wait until nobody writes it");
        if (!image_page(img, to, TYPE_ALLOCATE, 0))
            return false;
    }
    return true;
}

void table_localise(const struct image *img, unsigned int level, uint64_t entry[512])
{
    for (unsigned int i = 0; i < 512; i++) {
        uint64_t e = entry[i];

        if (!(e & PTE_P))
            continue;
        e = (e & ~PTE_FRAME) | img->page[(e & PTE_FRAME) >> 12].gfn << 12;
        if (level == 1 && img->width == 8 && e & PTE_KERNEL)
            e &= ~(PTE_KERNEL | PTE_U);
        entry[i] = e;
    }
}

uint32_t context_bytes(const struct image *img)
{
    return img->width == 8 ? sizeof(vcpu_guest_context_x86_64_t)
                           : sizeof(vcpu_guest_context_x86_32_t);
}

/* A page that must be there and of a kind: 0 or the level of a page table. */
static bool page_is(struct image *img, unsigned int vcpu, const char *what, uint64_t pfn,
                    unsigned int level)
{
    unsigned int type = pfn < img->nr_pages ? page_type(&img->page[pfn]) : TYPE_NONE;

    if (has_data(type) && table_level(type) == level)
        return true;
    return damaged(img, "has page %#llx for the %s of vCPU %u, which isn't one",
                   (unsigned long long)pfn, what, vcpu);
}

bool context_check(struct image *img, unsigned int vcpu, const union context *c)
{
    const vcpu_guest_context_x86_64_t *c64 = (const void *)c;
    const vcpu_guest_context_x86_32_t *c32 = (const void *)c;
    uint64_t gdt_ents = img->width == 8 ? c64->gdt_ents : c32->gdt_ents;

    if (img->populated && vcpu == 0 && context_start_info(img, c) != img->start_info)
        return fault(img, "has changed since it was checked; wait until nobody writes it");
    if (gdt_ents > MAX_GDT)
        return damaged(img, "has a GDT of %llu entries for vCPU %u", (unsigned long long)gdt_ents,
                       vcpu);
    for (unsigned int i = 0; i < (gdt_ents + GDT_PER_PAGE - 1) / GDT_PER_PAGE; i++)
        if (!page_is(img, vcpu, "GDT", img->width == 8 ? c64->gdt_frames[i] : c32->gdt_frames[i],
                     0))
            return false;
    if (img->width == 4)
        return page_is(img, vcpu, "CR3", xen_cr3_to_pfn_x86_32(c32->ctrlreg[3]), 3);
    return page_is(img, vcpu, "CR3", c64->ctrlreg[3] >> 12, 4) &&
           (!(c64->ctrlreg[1] & 1) || page_is(img, vcpu, "CR1", c64->ctrlreg[1] >> 12, 4));
}

uint64_t context_start_info(const struct image *img, const union context *c)
{
    return img->width == 8 ? ((const vcpu_guest_context_x86_64_t *)c)->user_regs.rdx
                           : ((const vcpu_guest_context_x86_32_t *)c)->user_regs.edx;
}

bool context_low_l3(const struct image *img, const union context *c)
{
    uint32_t assists = ((const vcpu_guest_context_x86_32_t *)c)->vm_assist;

    return img->width == 4 && !(assists >> VMASST_TYPE_pae_extended_cr3 & 1);
}

static void localise64(const struct image *img, unsigned int vcpu, vcpu_guest_context_x86_64_t *c)
{
    for (unsigned int i = 0; i < (c->gdt_ents + GDT_PER_PAGE - 1) / GDT_PER_PAGE; i++)
        c->gdt_frames[i] = img->page[c->gdt_frames[i]].gfn;
    c->ctrlreg[3] = img->page[c->ctrlreg[3] >> 12].gfn << 12;
    c->ctrlreg[1] = c->ctrlreg[1] & 1 ? img->page[c->ctrlreg[1] >> 12].gfn << 12 : 0;
    if (vcpu == 0)
        c->user_regs.rdx = img->page[c->user_regs.rdx].gfn;
    c->flags |= VGCF_online_X86_64;
}

static void localise32(const struct image *img, unsigned int vcpu, vcpu_guest_context_x86_32_t *c)
{
    uint64_t gfn = img->page[xen_cr3_to_pfn_x86_32(c->ctrlreg[3])].gfn;

    for (unsigned int i = 0; i < (c->gdt_ents + GDT_PER_PAGE - 1) / GDT_PER_PAGE; i++)
        c->gdt_frames[i] = (uint32_t)img->page[c->gdt_frames[i]].gfn;
    c->ctrlreg[3] = xen_pfn_to_cr3_x86_32(gfn);
    if (vcpu == 0)
        c->user_regs.edx = (uint32_t)img->page[c->user_regs.edx].gfn;
    c->flags |= VGCF_online_X86_32;
}

void context_localise(const struct image *img, unsigned int vcpu, union context *c)
{
    if (img->width == 8)
        localise64(img, vcpu, (vcpu_guest_context_x86_64_t *)c);
    else
        localise32(img, vcpu, (vcpu_guest_context_x86_32_t *)c);
}
