// SPDX-License-Identifier: MIT
/* See elf.h.  What is required of a PV kernel: <xen/elfnote.h>. */
#include "elf.h"
#include "elffile.h"
#include "elfnotes.h"
#include "elfsymbols.h"
#include "shim.h"

static bool phdr(const struct elf_file *f, unsigned int i, struct elf_phdr *to)
{
    u64 off = f->h.phoff + (u64)i * f->h.phentsize;
    const void *at = f->image + off;

    if (!elf_has(f, off, f->bits32 ? sizeof(struct phdr32) : sizeof(struct phdr64)))
        return false;
#define FROM(p)                                                                                    \
    (struct elf_phdr){(p)->type, (p)->flags, (p)->offset, (p)->paddr, (p)->filesz, (p)->memsz}
    *to = f->bits32 ? FROM((const struct phdr32 *)at) : FROM((const struct phdr64 *)at);
#undef FROM
    return true;
}

bool elf_section(const struct elf_file *f, unsigned int i, struct elf_shdr *to)
{
    u64 off = f->h.shoff + (u64)i * f->h.shentsize;
    const void *at = f->image + off;

    if (!f->h.shoff || i >= f->h.shnum ||
        !elf_has(f, off, f->bits32 ? sizeof(struct shdr32) : sizeof(struct shdr64)))
        return false;
#define FROM(s) (struct elf_shdr){(s)->name, (s)->type, (s)->link, i, (s)->offset, (s)->size}
    *to = f->bits32 ? FROM((const struct shdr32 *)at) : FROM((const struct shdr64 *)at);
#undef FROM
    return true;
}

bool elf_is_32bit(const u8 *image, u64 size)
{
    return size >= sizeof(struct header32) && !memcmp(image, "\177ELF", 4) &&
           image[IDENT_CLASS] == CLASS_32;
}

static const char *read_header(struct elf_file *f)
{
    const void *at = f->image;

    f->bits32 = elf_is_32bit(f->image, f->size);
    if (f->size < sizeof(struct header32) || memcmp(f->image, "\177ELF", 4) ||
        (!f->bits32 && f->size < sizeof(struct header64)))
        return "not an ELF file; a bzImage must be unpacked by the sidecar builder";
#define FROM(e)                                                                                    \
    (struct elf_header){(e)->type,  (e)->machine,  (e)->phentsize, (e)->phnum, (e)->shentsize,     \
                        (e)->shnum, (e)->shstrndx, (e)->entry,     (e)->phoff, (e)->shoff}
    f->h = f->bits32 ? FROM((const struct header32 *)at) : FROM((const struct header64 *)at);
#undef FROM
    if ((f->image[IDENT_CLASS] != CLASS_64 && !f->bits32) || f->image[IDENT_DATA] != 1 ||
        f->h.machine != (f->bits32 ? EM_386 : EM_X86_64))
        return "an ELF file, but not for x86";
    if (f->h.type != ET_EXEC && f->h.type != 3)
        return "an ELF file, but not an executable";
    if (f->h.phentsize < (f->bits32 ? sizeof(struct phdr32) : sizeof(struct phdr64)) || !f->h.phnum)
        return "an ELF file without program headers";
    return NULL;
}

static const char *read_segments(struct guest_image *g, const struct elf_file *f)
{
    for (unsigned int i = 0; i < f->h.phnum; i++) {
        struct elf_phdr p;
        if (!phdr(f, i, &p))
            return "its program headers lie beyond the end of the file: truncated?";
        if (p.type != PT_LOAD || !(p.flags & 7) || !p.memsz)
            continue;
        if (!elf_has(f, p.offset, p.filesz) || p.filesz > p.memsz)
            return "a segment lies beyond the end of the file: truncated?";
        if (p.paddr + p.memsz < p.paddr)
            return "a segment wraps around the address space";
        if (g->nr_segs == GUEST_MAX_SEGMENTS)
            return "too many segments";
        g->seg[g->nr_segs].offset = p.offset;
        g->seg[g->nr_segs].paddr = p.paddr;
        g->seg[g->nr_segs].filesz = p.filesz;
        g->seg[g->nr_segs++].memsz = p.memsz;
    }
    return g->nr_segs ? NULL : "nothing to load in it";
}

/* PT_NOTE first, then SHT_NOTE, then the section __xen_guest. */
static const char *read_all_notes(struct xen_notes *n, const struct elf_file *f)
{
    const char *err = NULL;

    for (unsigned int i = 0; i < f->h.phnum && !err; i++) {
        struct elf_phdr p;
        if (phdr(f, i, &p) && p.type == PT_NOTE && p.offset && elf_has(f, p.offset, 0))
            err = xen_notes_read(n, f->image + p.offset, min_t(u64, p.filesz, f->size - p.offset));
    }
    if (n->found || err)
        return err;
    for (unsigned int i = 0; i < f->h.shnum && !err; i++) {
        struct elf_shdr s;
        if (elf_section(f, i, &s) && s.type == SHT_NOTE && elf_has(f, s.offset, 0))
            err = xen_notes_read(n, f->image + s.offset, min_t(u64, s.size, f->size - s.offset));
    }
    if (n->found || err)
        return err;

    struct elf_shdr names, s;
    bool named = f->h.shstrndx && elf_section(f, f->h.shstrndx, &names);
    for (unsigned int i = 0; named && i < f->h.shnum; i++) {
        static const char wanted[] = "__xen_guest";
        if (elf_section(f, i, &s) && elf_has(f, names.offset + s.name, sizeof(wanted)) &&
            !memcmp(f->image + names.offset + s.name, wanted, sizeof(wanted)) &&
            elf_has(f, s.offset, s.size))
            return xen_guest_section_read(n, (const char *)f->image + s.offset, s.size);
    }
    return "no Xen notes in it: not built to run as a Xen PV guest (CONFIG_XEN_PV)";
}

const char *guest_image_parse(struct guest_image *g, const u8 *image, u64 size)
{
    struct elf_file f = {.image = image, .size = size};
    struct xen_notes n = {0};
    const char *err;

    *g = (struct guest_image){0};
    if ((err = read_header(&f)) || (err = read_segments(g, &f)) || (err = read_all_notes(&n, &f)) ||
        (err = xen_notes_check(&n, f.bits32)))
        return err;

    g->has_notes = n.found;
    g->bits32 = f.bits32;
    g->extended_cr3 = f.bits32 && n.pae == PAE_EXTENDED_CR3;
    g->virt_base = n.virt_base;
    g->paddr_offset = n.has_paddr_offset ? n.paddr_offset : n.legacy ? n.virt_base : 0;
    g->entry = n.has_entry ? n.entry : f.h.entry;
    g->hypercall_page = n.legacy ? n.virt_base + n.hypercall_page * PAGE_SIZE : n.hypercall_page;
    g->has_hypercall_page = n.has_hypercall_page;
    g->init_p2m = n.init_p2m;
    g->has_init_p2m =
        n.has_init_p2m && !f.bits32 && n.init_p2m < n.virt_base && !(n.init_p2m & 0xfff);
    g->mod_start_pfn = n.mod_start_pfn;

    u64 start = ~0UL, end = 0;
    for (unsigned int i = 0; i < g->nr_segs; i++) {
        start = min_t(u64, start, g->seg[i].paddr);
        end = max_t(u64, end, g->seg[i].paddr + g->seg[i].memsz);
    }
    if (n.bsd_symtab && start < end) {
        elf_symbols(g, &f, end);
        for (unsigned int i = 0; i < g->nr_segs; i++)
            end = max_t(u64, end, g->seg[i].paddr + g->seg[i].memsz);
    }
    u64 offset = g->virt_base - g->paddr_offset;
    g->virt_kstart = start + offset;
    g->virt_kend = end + offset;
    if (g->virt_kstart > g->virt_kend || g->virt_base > g->virt_kstart)
        return "its addresses don't fit its VIRT_BASE note";
    if (g->entry < g->virt_kstart || g->entry > g->virt_kend)
        return "its entry point lies outside it: not a PV kernel";
    if (g->virt_kend - g->virt_base > 1UL << 38)
        return "it is loaded absurdly high above its VIRT_BASE";
    if (g->bits32 && g->virt_kend > PV32_HOLE_START)
        return "its addresses lie in the hypervisor's";
    if (g->has_hypercall_page &&
        (g->hypercall_page < g->virt_kstart ||
         g->hypercall_page > round_up(g->virt_kend, PAGE_SIZE) - PAGE_SIZE))
        return "its hypercall page lies outside it";
    return NULL;
}
