// SPDX-License-Identifier: MIT
/* See elf.h.  ELF-64 Object File Format 1.5; what is required of a PV kernel: <xen/elfnote.h>. */
#include "elf.h"
#include "elfnotes.h"
#include "shim.h"

struct elf_header {
    u8 ident[16];
    u16 type, machine;
    u32 version;
    u64 entry, phoff, shoff;
    u32 flags;
    u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_phdr {
    u32 type, flags;
    u64 offset, vaddr, paddr, filesz, memsz, align;
};

struct elf_shdr {
    u32 name, type;
    u64 flags, addr, offset, size;
    u32 link, info;
    u64 align, entsize;
};

enum { PT_LOAD = 1, PT_NOTE = 4, SHT_NOTE = 7, ET_EXEC = 2, EM_386 = 3, EM_X86_64 = 62 };

struct file {
    const u8 *image;
    u64 size;
    const struct elf_header *h;
};

static bool in_file(const struct file *f, u64 offset, u64 n)
{
    return offset <= f->size && n <= f->size - offset;
}

static const struct elf_phdr *phdr(const struct file *f, unsigned int i)
{
    u64 off = f->h->phoff + (u64)i * f->h->phentsize;
    return in_file(f, off, sizeof(struct elf_phdr)) ? (const void *)(f->image + off) : NULL;
}

static const struct elf_shdr *shdr(const struct file *f, unsigned int i)
{
    u64 off = f->h->shoff + (u64)i * f->h->shentsize;
    return f->h->shoff && in_file(f, off, sizeof(struct elf_shdr)) ? (const void *)(f->image + off)
                                                                   : NULL;
}

static const char *check_header(struct file *f)
{
    const struct elf_header *h = f->h;

    if (f->size < sizeof(*h) || memcmp(h->ident, "\177ELF", 4))
        return "not an ELF file; a bzImage must be unpacked by the sidecar builder";
    if (h->ident[4] == 1 || h->machine == EM_386)
        return "a 32-bit kernel; only 64-bit PV kernels are supported";
    if (h->ident[4] != 2 || h->ident[5] != 1 || h->machine != EM_X86_64)
        return "an ELF file, but not for x86-64";
    if (h->type != ET_EXEC && h->type != 3)
        return "an ELF file, but not an executable";
    if (h->phentsize < sizeof(struct elf_phdr) || !h->phnum)
        return "an ELF file without program headers";
    return NULL;
}

static const char *read_segments(struct guest_image *g, const struct file *f)
{
    for (unsigned int i = 0; i < f->h->phnum; i++) {
        const struct elf_phdr *p = phdr(f, i);
        if (!p)
            return "its program headers lie beyond the end of the file: truncated?";
        if (p->type != PT_LOAD || !(p->flags & 7) || !p->memsz)
            continue;
        if (!in_file(f, p->offset, p->filesz) || p->filesz > p->memsz)
            return "a segment lies beyond the end of the file: truncated?";
        if (p->paddr + p->memsz < p->paddr)
            return "a segment wraps around the address space";
        if (g->nr_segs == GUEST_MAX_SEGMENTS)
            return "too many segments";
        g->seg[g->nr_segs].offset = p->offset;
        g->seg[g->nr_segs].paddr = p->paddr;
        g->seg[g->nr_segs].filesz = p->filesz;
        g->seg[g->nr_segs++].memsz = p->memsz;
    }
    return g->nr_segs ? NULL : "nothing to load in it";
}

/* PT_NOTE first, then SHT_NOTE, then the section __xen_guest. */
static const char *read_all_notes(struct xen_notes *n, const struct file *f)
{
    const char *err = NULL;

    for (unsigned int i = 0; i < f->h->phnum && !err; i++) {
        const struct elf_phdr *p = phdr(f, i);
        if (p && p->type == PT_NOTE && p->offset && in_file(f, p->offset, 0))
            err =
                xen_notes_read(n, f->image + p->offset, min_t(u64, p->filesz, f->size - p->offset));
    }
    if (n->found || err)
        return err;
    for (unsigned int i = 0; i < f->h->shnum && !err; i++) {
        const struct elf_shdr *s = shdr(f, i);
        if (s && s->type == SHT_NOTE && in_file(f, s->offset, 0))
            err = xen_notes_read(n, f->image + s->offset, min_t(u64, s->size, f->size - s->offset));
    }
    if (n->found || err)
        return err;

    const struct elf_shdr *names = f->h->shstrndx ? shdr(f, f->h->shstrndx) : NULL;
    for (unsigned int i = 0; names && i < f->h->shnum; i++) {
        static const char wanted[] = "__xen_guest";
        const struct elf_shdr *s = shdr(f, i);
        if (s && in_file(f, names->offset + s->name, sizeof(wanted)) &&
            !memcmp(f->image + names->offset + s->name, wanted, sizeof(wanted)) &&
            in_file(f, s->offset, s->size))
            return xen_guest_section_read(n, (const char *)f->image + s->offset, s->size);
    }
    return "no Xen notes in it: not built to run as a Xen PV guest (CONFIG_XEN_PV)";
}

const char *guest_image_parse(struct guest_image *g, const u8 *image, u64 size)
{
    struct file f = {image, size, (const void *)image};
    struct xen_notes n = {0};
    const char *err;

    *g = (struct guest_image){0};
    if ((err = check_header(&f)) || (err = read_segments(g, &f)) ||
        (err = read_all_notes(&n, &f)) || (err = xen_notes_check(&n)))
        return err;

    g->has_notes = n.found;
    g->virt_base = n.virt_base;
    g->paddr_offset = n.has_paddr_offset ? n.paddr_offset : n.legacy ? n.virt_base : 0;
    g->entry = n.has_entry ? n.entry : f.h->entry;
    g->hypercall_page = n.legacy ? n.virt_base + n.hypercall_page * PAGE_SIZE : n.hypercall_page;
    g->has_hypercall_page = n.has_hypercall_page;
    g->init_p2m = n.init_p2m;
    g->has_init_p2m = n.has_init_p2m && n.init_p2m < n.virt_base && !(n.init_p2m & 0xfff);
    g->mod_start_pfn = n.mod_start_pfn;

    u64 start = ~0UL, end = 0;
    for (unsigned int i = 0; i < g->nr_segs; i++) {
        start = min_t(u64, start, g->seg[i].paddr);
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
    if (g->has_hypercall_page &&
        (g->hypercall_page < g->virt_kstart ||
         g->hypercall_page > round_up(g->virt_kend, PAGE_SIZE) - PAGE_SIZE))
        return "its hypercall page lies outside it";
    return NULL;
}
