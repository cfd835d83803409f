// SPDX-License-Identifier: MIT
/* See map.h.  Tables are built once at boot; later only the windows for the guest's
 * descriptor tables change, and boot_l4[0] while a CPU starts. */
#include "map.h"

#include "ram.h"
#include "regs.h"
#include "shim.h"

extern u8 image_start[], text_end[], rodata_end[], image_end[];

u64 pte_nx;
mfn_t direct_map_end;

void (*ram_find)(mfn_t mfn);

mfn_t ram_page(void)
{
    mfn_t mfn = ram_take(&ram);

    if (!mfn)
        refuse("too little memory: %lu MiB; give the domain more", ram.frames >> 8);
    ram.shim_pages++;
    if (ram_find)
        ram_find(mfn);
    memset(mfn_va(mfn), 0, PAGE_SIZE);
    return mfn;
}

static u64 *next_table(u64 *entry)
{
    if (!(*entry & PTE_P))
        *entry = ram_page() << PAGE_SHIFT | PTE_P | PTE_W | PTE_A;
    return mfn_va(PTE_MFN(*entry));
}

u64 *map_entry(u64 va)
{
    u64 *table = boot_l4;

    for (int shift = 39; shift > 12; shift -= 9) {
        u64 e = table[va >> shift & 511];
        if (!(e & PTE_P) || (shift < 39 && (e & PTE_PS)))
            return NULL;
        table = mfn_va(PTE_MFN(e));
    }
    return &table[va >> 12 & 511];
}

void map_page(u64 va, mfn_t mfn, u64 flags)
{
    map_page_in(next_table(&boot_l4[va >> 39 & 511]), va, mfn, flags);
}

void map_page_in(u64 *l3, u64 va, mfn_t mfn, u64 flags)
{
    u64 *l2 = next_table(&l3[va >> 30 & 511]);
    u64 *l1 = next_table(&l2[va >> 21 & 511]);

    l1[va >> 12 & 511] = mfn << PAGE_SHIFT | flags | PTE_P | PTE_A | PTE_D;
}

static void map_direct_high(void)
{
    mfn_t end = round_up(ram.top, 512UL);

    direct_map_end = max_t(u64, end, 1UL << 20);
    for (mfn_t mfn = 1UL << 20; mfn < end; mfn += 512) {
        u64 addr = DIRECT_MAP + (mfn << PAGE_SHIFT);
        u64 *l3 = next_table(&boot_l4[addr >> 39 & 511]);
        u64 *l2 = next_table(&l3[addr >> 30 & 511]);
        l2[addr >> 21 & 511] = mfn << PAGE_SHIFT | PTE_P | PTE_W | PTE_A | PTE_D | PTE_PS;
    }
}

/* Executed code is never writable, data never executable; neither has an alias that is. */
static void protect_image(void)
{
    u64 *l2 = mfn_va(PTE_MFN(boot_l3_direct[0]));
    mfn_t l1 = ram_page();
    u64 *low = mfn_va(l1);

    for (u64 i = 0; i < 512; i++) {
        u64 addr = IMAGE_VIRT + (i << PAGE_SHIFT), frame = i << PAGE_SHIFT | PTE_P | PTE_A | PTE_D;
        bool text = addr >= (u64)image_start && addr < (u64)text_end;
        bool rodata = addr >= (u64)text_end && addr < (u64)rodata_end;
        bool inside = addr >= (u64)image_start && addr < (u64)image_end;

        boot_l1_image[i] = !inside  ? 0
                           : text   ? frame
                           : rodata ? frame | pte_nx
                                    : frame | PTE_W | pte_nx;
        low[i] = frame | (text || rodata ? 0 : PTE_W);
    }
    l2[0] = l1 << PAGE_SHIFT | PTE_P | PTE_W | PTE_A;
    for (u64 slot = 262; slot < 272; slot++)
        if (boot_l4[slot] & PTE_P)
            boot_l4[slot] |= pte_nx;
    write_cr3(read_cr3());
}

void map_init(void)
{
    pte_nx = rdmsr(MSR_EFER) & EFER_NXE ? PTE_NX : 0;
    map_direct_high();
    protect_image();
}
