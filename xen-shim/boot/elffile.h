/* SPDX-License-Identifier: MIT */
/* An ELF file as it lies in memory, for those who read parts of it.  ELF-64 Object File Format 1.5
 * and System V ABI. */
#ifndef SHIM_ELFFILE_H
#define SHIM_ELFFILE_H

#include "types.h"

/* Headers of both classes have the same fields in other sizes: read into these. */
struct elf_header {
    u16 type, machine, phentsize, phnum, shentsize, shnum, shstrndx;
    u64 entry, phoff, shoff;
};

struct elf_phdr {
    u32 type, flags;
    u64 offset, paddr, filesz, memsz;
};

struct elf_shdr {
    u32 name, type, link, at; /* `at`: which one it is */
    u64 offset, size;
};

struct header64 {
    u8 ident[16];
    u16 type, machine;
    u32 version;
    u64 entry, phoff, shoff;
    u32 flags;
    u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct header32 {
    u8 ident[16];
    u16 type, machine;
    u32 version;
    u32 entry, phoff, shoff;
    u32 flags;
    u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct phdr64 {
    u32 type, flags;
    u64 offset, vaddr, paddr, filesz, memsz, align;
};

struct phdr32 {
    u32 type, offset, vaddr, paddr, filesz, memsz, flags, align;
};

struct shdr64 {
    u32 name, type;
    u64 flags, addr, offset, size;
    u32 link, info;
    u64 align, entsize;
};

struct shdr32 {
    u32 name, type, flags, addr, offset, size, link, info, align, entsize;
};

enum { PT_LOAD = 1, PT_NOTE = 4, ET_EXEC = 2, EM_386 = 3, EM_X86_64 = 62 };
enum { SHT_SYMTAB = 2, SHT_STRTAB = 3, SHT_NOTE = 7 };
enum { IDENT_CLASS = 4, IDENT_DATA = 5, CLASS_32 = 1, CLASS_64 = 2 };

struct elf_file {
    const u8 *image;
    u64 size;
    bool bits32;
    struct elf_header h;
};

/* Lie n bytes from offset on in the file? */
static inline bool elf_has(const struct elf_file *f, u64 offset, u64 n)
{
    return offset <= f->size && n <= f->size - offset;
}

/* False: there is no such section header. */
bool elf_section(const struct elf_file *f, unsigned int i, struct elf_shdr *to);

#endif
