// SPDX-License-Identifier: MIT
#include "elfimage.h"

#include <elf.h>
#include <string.h>

bool elf_within(const struct elf_image *e, uint64_t off, uint64_t size)
{
    return off <= e->len && size <= e->len - off;
}

/* The two widths have the same fields. */
#define TABLES(e, h)                                                                               \
    ((e)->phoff = (h).e_phoff, (e)->phentsize = (h).e_phentsize, (e)->phnum = (h).e_phnum,         \
     (e)->shoff = (h).e_shoff, (e)->shentsize = (h).e_shentsize, (e)->shnum = (h).e_shnum,         \
     (e)->shstrndx = (h).e_shstrndx)
#define SEGMENT(h)                                                                                 \
    ((struct elf_part){                                                                            \
        .type = (h).p_type, .offset = (h).p_offset, .filesz = (h).p_filesz, .memsz = (h).p_memsz})
#define SECTION(h)                                                                                 \
    ((struct elf_part){.type = (h).sh_type,                                                        \
                       .name = (h).sh_name,                                                        \
                       .offset = (h).sh_offset,                                                    \
                       .filesz = (h).sh_size,                                                      \
                       .memsz = (h).sh_size})

char *elf_open(struct elf_image *e, const uint8_t *p, size_t len)
{
    union {
        Elf32_Ehdr narrow;
        Elf64_Ehdr wide;
    } h;
    unsigned machine;

    *e = (struct elf_image){.data = p, .len = len};
    if (len < sizeof(h.narrow) || memcmp(p, ELFMAG, SELFMAG))
        return xstrdup("not an ELF image");
    machine = le16(p + offsetof(Elf32_Ehdr, e_machine));
    e->narrow = p[EI_CLASS] == ELFCLASS32;
    if (p[EI_DATA] != ELFDATA2LSB ||
        !(e->narrow ? machine == EM_386 : p[EI_CLASS] == ELFCLASS64 && machine == EM_X86_64))
        return xasprintf("not an x86 kernel (ELF machine %u)", machine);
    if (e->narrow) {
        memcpy(&h.narrow, p, sizeof(h.narrow));
        TABLES(e, h.narrow);
    } else if (len < sizeof(h.wide)) {
        return xstrdup("the ELF file is cut short; copy it again");
    } else {
        memcpy(&h.wide, p, sizeof(h.wide));
        TABLES(e, h.wide);
    }
    return NULL;
}

/* Copies entry i of a table of n; false if its `size` bytes aren't all there. */
static bool entry(const struct elf_image *e, uint64_t table, unsigned each, unsigned n, unsigned i,
                  void *to, size_t size)
{
    uint64_t at = table + (uint64_t)i * each;

    if (i >= n || each < size || at < table || !elf_within(e, at, size))
        return false;
    memcpy(to, e->data + at, size);
    return true;
}

bool elf_segment(const struct elf_image *e, unsigned i, struct elf_part *part)
{
    union {
        Elf32_Phdr narrow;
        Elf64_Phdr wide;
    } h;

    if (!entry(e, e->phoff, e->phentsize, e->phnum, i, &h,
               e->narrow ? sizeof(h.narrow) : sizeof(h.wide)))
        return false;
    *part = e->narrow ? SEGMENT(h.narrow) : SEGMENT(h.wide);
    return true;
}

bool elf_section(const struct elf_image *e, unsigned i, struct elf_part *part)
{
    union {
        Elf32_Shdr narrow;
        Elf64_Shdr wide;
    } h;

    if (!entry(e, e->shoff, e->shentsize, e->shnum, i, &h,
               e->narrow ? sizeof(h.narrow) : sizeof(h.wide)))
        return false;
    *part = e->narrow ? SECTION(h.narrow) : SECTION(h.wide);
    return true;
}
