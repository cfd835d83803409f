/* SPDX-License-Identifier: MIT */
/*
 * The guest kernel's image: ELF with Xen notes (<xen/elfnote.h>), or the older __xen_guest
 * section.  Pure: reads a buffer, allocates nothing, so that unit tests run it on the host.
 */
#ifndef SHIM_ELF_H
#define SHIM_ELF_H

#include "types.h"

#define GUEST_MAX_SEGMENTS 16

struct guest_image {
    /* Loadable segments by physical address, which is where their bytes go (never by p_vaddr:
     * Linux has a segment with p_vaddr 0). */
    struct {
        u64 offset, paddr, filesz, memsz;
    } seg[GUEST_MAX_SEGMENTS];
    unsigned int nr_segs;
    /* What goes before the two tables, if there are any: elfsymbols.c. */
    struct {
        bool any;
        u64 paddr;
        u8 bytes[4 + 64 + 3 * 64];
    } symbols;

    u64 virt_base;    /* virtual address of PFN 0 */
    u64 paddr_offset; /* subtracted from p_paddr */
    u64 entry;        /* virtual address */
    u64 virt_kstart, virt_kend;
    u64 hypercall_page; /* virtual address, if has_hypercall_page */
    u64 init_p2m;       /* virtual address for the p2m list, if has_init_p2m */
    bool has_hypercall_page, has_init_p2m, mod_start_pfn;
    bool has_notes;
    bool bits32;       /* a PAE kernel of 32 bits */
    bool extended_cr3; /* of these, one whose L3s may lie above 4 GiB */
};

/* What kind of kernel is it?  False also of what is no ELF file. */
bool elf_is_32bit(const u8 *image, u64 size);

/* Returns NULL, or why the kernel can't run, in words that end a line starting with "guest
 * kernel: ". */
const char *guest_image_parse(struct guest_image *g, const u8 *image, u64 size);

/* Guest physical address (PFN << 12) at which a segment's bytes go. */
static inline u64 guest_paddr(const struct guest_image *g, u64 paddr)
{
    return paddr - g->paddr_offset;
}

#endif
