// SPDX-License-Identifier: MIT
#include "elfimage.h"

#include <elf.h>
#include <string.h>

bool elf_within(const struct elf_image *e, uint64_t off, uint64_t size)
{
    return off <= e->len && size <= e->len - off;
}

char *elf_open(struct elf_image *e, const uint8_t *p, size_t len)
{
    Elf32_Ehdr h32;
    Elf64_Ehdr h64;
    unsigned machine;

    *e = (struct elf_image){.data = p, .len = len};
    if (len < sizeof(h32) || memcmp(p, ELFMAG, SELFMAG))
        return xstrdup("not an ELF image");
    machine = le16(p + offsetof(Elf32_Ehdr, e_machine));
    e->narrow = p[EI_CLASS] == ELFCLASS32;
    if (p[EI_DATA] != ELFDATA2LSB ||
        !(e->narrow ? machine == EM_386 : p[EI_CLASS] == ELFCLASS64 && machine == EM_X86_64))
        return xasprintf("not an x86 kernel (ELF machine %u)", machine);
    if (e->narrow) {
        memcpy(&h32, p, sizeof(h32));
        e->phoff = h32.e_phoff, e->phentsize = h32.e_phentsize, e->phnum = h32.e_phnum;
        e->shoff = h32.e_shoff, e->shentsize = h32.e_shentsize, e->shnum = h32.e_shnum;
        e->shstrndx = h32.e_shstrndx;
        return NULL;
    }
    if (len < sizeof(h64))
        return xstrdup("the ELF file is cut short; copy it again");
    memcpy(&h64, p, sizeof(h64));
    e->phoff = h64.e_phoff, e->phentsize = h64.e_phentsize, e->phnum = h64.e_phnum;
    e->shoff = h64.e_shoff, e->shentsize = h64.e_shentsize, e->shnum = h64.e_shnum;
    e->shstrndx = h64.e_shstrndx;
    return NULL;
}

/* Where entry i of a table lies, NULL if its `size` bytes aren't all there. */
static const uint8_t *entry(const struct elf_image *e, uint64_t table, unsigned each, unsigned i,
                            size_t size)
{
    uint64_t at = table + (uint64_t)i * each;

    return each >= size && at >= table && elf_within(e, at, size) ? e->data + at : NULL;
}

bool elf_segment(const struct elf_image *e, unsigned i, struct elf_part *part)
{
    Elf32_Phdr p32;
    Elf64_Phdr p64;
    const uint8_t *p;

    if (i >= e->phnum)
        return false;
    p = entry(e, e->phoff, e->phentsize, i, e->narrow ? sizeof(p32) : sizeof(p64));
    if (!p)
        return false;
    if (e->narrow) {
        memcpy(&p32, p, sizeof(p32));
        *part = (struct elf_part){.type = p32.p_type,
                                  .offset = p32.p_offset,
                                  .filesz = p32.p_filesz,
                                  .memsz = p32.p_memsz};
    } else {
        memcpy(&p64, p, sizeof(p64));
        *part = (struct elf_part){.type = p64.p_type,
                                  .offset = p64.p_offset,
                                  .filesz = p64.p_filesz,
                                  .memsz = p64.p_memsz};
    }
    return true;
}

bool elf_section(const struct elf_image *e, unsigned i, struct elf_part *part)
{
    Elf32_Shdr s32;
    Elf64_Shdr s64;
    const uint8_t *p;

    if (i >= e->shnum)
        return false;
    p = entry(e, e->shoff, e->shentsize, i, e->narrow ? sizeof(s32) : sizeof(s64));
    if (!p)
        return false;
    if (e->narrow) {
        memcpy(&s32, p, sizeof(s32));
        *part = (struct elf_part){.type = s32.sh_type,
                                  .name = s32.sh_name,
                                  .offset = s32.sh_offset,
                                  .filesz = s32.sh_size,
                                  .memsz = s32.sh_size};
    } else {
        memcpy(&s64, p, sizeof(s64));
        *part = (struct elf_part){.type = s64.sh_type,
                                  .name = s64.sh_name,
                                  .offset = s64.sh_offset,
                                  .filesz = s64.sh_size,
                                  .memsz = s64.sh_size};
    }
    return true;
}
