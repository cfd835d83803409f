// SPDX-License-Identifier: MIT
/*
 * See elfsymbols.h.  Behind the kernel's last byte, aligned to its words: the length of what
 * follows in 32 bits, an ELF header, three section headers (none, the symbols, their names), the
 * two tables. Offsets in the section headers count from the ELF header on.  In a 32-bit kernel's,
 * too, the section headers begin after as many bytes as a 64-bit ELF header has.
 */
#include "elfsymbols.h"

#include "elffile.h"
#include "shim.h"

enum { SYMBOLS = 1, NAMES, SECTIONS };
#define HEADER     4UL /* behind the length */
#define HEADERS_AT sizeof(struct header64)

struct places {
    u64 start, symbols, names, end; /* of the whole, of the tables */
};

static void head(struct guest_image *g, const struct elf_file *f, const struct elf_shdr *symbols,
                 const struct places *p)
{
    u8 *b = g->symbols.bytes;
    const u8 *from = f->image + f->h.shoff;
    u32 length = (u32)(p->end - p->start - HEADER);

    memcpy(b, &length, sizeof(length));
    /* All of the original that isn't about places. */
#define FILL(ehdr, shdr)                                                                           \
    do {                                                                                           \
        ehdr h;                                                                                    \
        shdr s[SECTIONS] = {0};                                                                    \
        memcpy(&h, f->image, sizeof(h));                                                           \
        h.version = 1;                                                                             \
        h.phoff = 0;                                                                               \
        h.shoff = HEADERS_AT;                                                                      \
        h.ehsize = sizeof(h);                                                                      \
        h.shentsize = sizeof(*s);                                                                  \
        h.shnum = SECTIONS;                                                                        \
        h.phentsize = h.phnum = h.shstrndx = 0;                                                    \
        memcpy(&s[SYMBOLS], from + (u64)symbols->at * f->h.shentsize, sizeof(*s));                 \
        memcpy(&s[NAMES], from + (u64)symbols->link * f->h.shentsize, sizeof(*s));                 \
        s[SYMBOLS].offset = (u32)(p->symbols - p->start - HEADER);                                 \
        s[SYMBOLS].link = NAMES;                                                                   \
        s[NAMES].offset = (u32)(p->names - p->start - HEADER);                                     \
        memcpy(b + HEADER, &h, sizeof(h));                                                         \
        memcpy(b + HEADER + HEADERS_AT, s, sizeof(s));                                             \
    } while (0)
    if (f->bits32)
        FILL(struct header32, struct shdr32);
    else
        FILL(struct header64, struct shdr64);
#undef FILL
}

static void add_segment(struct guest_image *g, u64 paddr, const struct elf_shdr *table)
{
    g->seg[g->nr_segs].offset = table->offset;
    g->seg[g->nr_segs].paddr = paddr;
    g->seg[g->nr_segs].filesz = g->seg[g->nr_segs].memsz = table->size;
    g->nr_segs++;
}

void elf_symbols(struct guest_image *g, const struct elf_file *f, u64 end)
{
    const u64 word = f->bits32 ? 4 : 8;
    struct elf_shdr symbols = {0}, names;
    struct places p;

    for (unsigned int i = 1; i < f->h.shnum && symbols.type != SHT_SYMTAB; i++)
        if (!elf_section(f, i, &symbols))
            return;
    if (symbols.type != SHT_SYMTAB || !elf_section(f, symbols.link, &names) ||
        names.type != SHT_STRTAB || !elf_has(f, symbols.offset, symbols.size) ||
        !elf_has(f, names.offset, names.size) || g->nr_segs + 2 > GUEST_MAX_SEGMENTS)
        return;
    p.start = round_up(end, word);
    p.symbols = round_up(p.start + sizeof(g->symbols.bytes), word);
    p.names = round_up(p.symbols + symbols.size, word);
    p.end = p.names + names.size;
    add_segment(g, p.symbols, &symbols);
    add_segment(g, p.names, &names);
    g->symbols.paddr = p.start;
    g->symbols.any = true;
    head(g, f, &symbols, &p);
}
