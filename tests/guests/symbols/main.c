// SPDX-License-Identifier: MIT
/*
 * A kernel that asks for its own symbols (BSD_SYMTAB), as NetBSD and FreeBSD do: Xen's builder puts
 * them behind it, with an ELF header and three section headers of their own, in all of which it can
 * find its functions by name. What else the builder gives it lies behind them.
 */
#include "guest.h"

#include <linux/elf.h>

extern u8 _image_end[];

static const Elf64_Ehdr *header;
static const Elf64_Shdr *sections;

static bool same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

static ul value_of(const char *name)
{
    const u8 *base = (const u8 *)header;
    const Elf64_Sym *sym = (const void *)(base + sections[1].sh_offset);
    const char *names = (const char *)(base + sections[2].sh_offset);

    for (u64 i = 0; i < sections[1].sh_size / sizeof(*sym); i++)
        if (sym[i].st_name < sections[2].sh_size && same(names + sym[i].st_name, name))
            return sym[i].st_value;
    return 0;
}

void test_main(void)
{
    u32 length = *(u32 *)_image_end;
    ul end = (ul)_image_end + 4 + length;

    header = (const void *)(_image_end + 4);
    check_true("elf-header", same((const char *)header->e_ident + 1, "ELF\2\1\1"));
    check_num("sections", header->e_shnum, 3);
    check_num("section-size", header->e_shentsize, sizeof(*sections));
    check_num("segments", header->e_phnum, 0);
    check_num("sections-at", (long)header->e_shoff, sizeof(*header));
    if (header->e_shnum != 3 || header->e_shoff != sizeof(*header))
        return;
    sections = (const void *)(header + 1);
    check_num("section-0", sections[0].sh_type, SHT_NULL);
    check_num("section-1", sections[1].sh_type, SHT_SYMTAB);
    check_num("section-2", sections[2].sh_type, SHT_STRTAB);
    check_num("names", sections[1].sh_link, 2);
    check_true("symbols-at", sections[1].sh_offset == 4 + sizeof(*header) + 3 * sizeof(*sections));
    check_true("names-behind",
               sections[2].sh_offset ==
                   ((sections[1].sh_offset + 4 + sections[1].sh_size + 7) & ~7UL) - 4);
    check_true("length", length == sections[2].sh_offset + sections[2].sh_size);
    check_true("own-function", value_of("test_main") == (ul)test_main);
    check_true("own-data", value_of("_image_end") == (ul)_image_end);
    check_true("module-behind", start_info->mod_start >= end);
    check_true("p2m-behind", start_info->mfn_list >= end);
    check_true("start-info-behind", (ul)start_info >= end);
    check_true("tables-behind", start_info->pt_base >= end);
}
