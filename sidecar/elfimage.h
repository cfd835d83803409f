/* SPDX-License-Identifier: MIT
 * The headers of an ELF image for x86, of 32 or 64 bits, in one form. Nothing outside the image is
 * read; what an entry says about the image is the caller's to check (elf_within).
 */
#ifndef SIDECAR_ELFIMAGE_H
#define SIDECAR_ELFIMAGE_H

#include "util.h"

struct elf_image {
    const uint8_t *data;
    size_t len;
    bool narrow; /* 32 bits */
    uint64_t phoff, shoff;
    unsigned phentsize, phnum, shentsize, shnum, shstrndx;
};

/* A program header or a section header, as far as it is of use here. */
struct elf_part {
    uint32_t type, name;
    uint64_t offset, filesz, memsz; /* a section has one size, in both */
};

/* Returns NULL, or a malloc'ed reason for the user. Keeps the pointer. */
char *elf_open(struct elf_image *e, const uint8_t *p, size_t len);

/* Entry i of a table; false if it isn't in the image. */
bool elf_segment(const struct elf_image *e, unsigned i, struct elf_part *part);
bool elf_section(const struct elf_image *e, unsigned i, struct elf_part *part);

/* Whether size bytes at off are in the image. */
bool elf_within(const struct elf_image *e, uint64_t off, uint64_t size);

#endif
