// SPDX-License-Identifier: MIT
/* See domain_layout.h. */
#include "domain_layout.h"
#include "shim.h"

/* Tables of one level needed to map [start, end): each covers 1 << shift bytes. */
static u64 tables_for(u64 start, u64 end, unsigned int shift)
{
    return ((end - 1) >> shift) - (start >> shift) + 1;
}

/* Where the hypervisor's hole lies in the last of a 32-bit guest's four L2s. */
#define LAST_GIB 0xc0000000UL

static void count_tables(struct domain_layout *l, const struct guest_image *g)
{
    l->nr_l1 = tables_for(g->virt_base, l->virt_end, 21);
    l->nr_l2 = tables_for(g->virt_base, l->virt_end, 30);
    if (!g->bits32)
        l->nr_l3 = tables_for(g->virt_base, l->virt_end, 39);
    else if (l->virt_end <= LAST_GIB)
        l->nr_l2++; /* which a guest must have */
    l->nr_tables = 1 + l->nr_l3 + l->nr_l2 + l->nr_l1;
}

const char *domain_layout(struct domain_layout *l, const struct guest_image *g, u64 initrd_bytes,
                          u64 nr_pages)
{
    const u64 entry_bytes = g->bits32 ? 4 : 8, space_end = g->bits32 ? PV32_HOLE_START : ~0UL;
    pfn_t next;

    *l = (struct domain_layout){.nr_pages = nr_pages};
    l->kernel = (g->virt_kstart - g->virt_base) >> PAGE_SHIFT;
    next = l->kernel_end = (round_up(g->virt_kend, PAGE_SIZE) - g->virt_base) >> PAGE_SHIFT;
    l->initrd_pages = round_up(initrd_bytes, PAGE_SIZE) >> PAGE_SHIFT;
    l->p2m_pages = round_up(nr_pages * entry_bytes, PAGE_SIZE) >> PAGE_SHIFT;

    if (!g->mod_start_pfn) {
        l->initrd = next;
        next += l->initrd_pages;
    }
    if (!g->has_init_p2m) {
        l->p2m = next;
        next += l->p2m_pages;
    }
    l->start_info = next++;
    l->xenstore = next++;
    l->console = next++;
    l->tables = next;

    /* The tables map themselves: grow until they cover the area that they lie in. */
    pfn_t mapped_end;
    l->virt_end = g->virt_base;
    do {
        l->virt_end += 4UL << 20;
        l->virt_end &= ~((4UL << 20) - 1);
        if (l->virt_end < g->virt_base ||
            l->virt_end > space_end) /* past the end of the address space */
            return "no room in its address space for the guest kernel and what goes with it";
        count_tables(l, g);
        l->stack = l->tables + l->nr_tables;
        mapped_end = (l->virt_end - g->virt_base) >> PAGE_SHIFT;
    } while (l->stack + 1 + (512 << 10 >> PAGE_SHIFT) > mapped_end);

    next = mapped_end;
    if (g->mod_start_pfn) {
        l->initrd = next;
        next += l->initrd_pages;
    }
    if (g->has_init_p2m) {
        u64 end = g->init_p2m + l->p2m_pages * PAGE_SIZE;
        l->p2m = next;
        l->p2m_tables = next + l->p2m_pages;
        l->p2m_table_pages = tables_for(g->init_p2m, end, 39) + tables_for(g->init_p2m, end, 30) +
                             tables_for(g->init_p2m, end, 21);
        next = l->p2m_tables + l->p2m_table_pages;
    }
    l->used = next;
    if (next > nr_pages)
        return "too little memory for the guest kernel and its initrd";
    return NULL;
}
