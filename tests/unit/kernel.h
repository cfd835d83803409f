/* SPDX-License-Identifier: MIT */
/* A small kernel file in a buffer, right in everything until a test spoils it. */
#ifndef UNIT_KERNEL_H
#define UNIT_KERNEL_H

#include <linux/elf.h>
#include <xen/elfnote.h>

#include "unit.h"
#include "elf.h"

#define VIRT_BASE 0xffffffff80000000UL
#define LOAD_AT   0x1000000UL /* physical, as Linux */
#define TEXT_OFF  0x1000UL
#define TEXT_SIZE 0x3000UL

struct kernel {
    union {
        Elf64_Ehdr h;
        u8 bytes[0x5000];
    };
    u64 size;
    Elf64_Phdr *ph; /* 20 of them: [0] the text, [1] the notes */
    Elf64_Shdr *sh; /* 8 of them, none used */
    u64 notes_end;
    u64 strings_end;
};

/* One loadable segment; no notes, neither segment nor section. */
void kernel_init(struct kernel *k);
/* Adds a note; *_num with 8 bytes, *_text without the string's end. */
void kernel_note(struct kernel *k, u32 type, const void *desc, u32 size);
void kernel_note_num(struct kernel *k, u32 type, u64 v);
void kernel_note_text(struct kernel *k, u32 type, const char *s);
/* The notes that a PV kernel has to have. */
void kernel_pv_notes(struct kernel *k);
/* Names what was added: a PT_NOTE segment, or a section of the type and name. */
void kernel_note_segment(struct kernel *k);
void kernel_section(struct kernel *k, u32 type, const char *name, u64 offset, u64 size);
/* All that makes a good kernel. */
void kernel_good(struct kernel *k);
/* Parses a copy that has not one byte more than the file. */
const char *kernel_parse(const struct kernel *k, struct guest_image *g);

#endif
