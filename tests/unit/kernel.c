// SPDX-License-Identifier: MIT
/* See kernel.h.  Places: header 0, segments 0x40, sections 0x500, names 0x700, notes 0x800. */
#include "kernel.h"

enum { PH_OFF = 0x40, SH_OFF = 0x500, STR_OFF = 0x700, NOTE_OFF = 0x800 };

void kernel_init(struct kernel *k)
{
    memset(k, 0, sizeof(*k));
    memcpy(k->h.e_ident, "\177ELF\2\1\1", 7);
    k->h.e_type = ET_EXEC;
    k->h.e_machine = EM_X86_64;
    k->h.e_version = 1;
    k->h.e_entry = LOAD_AT;
    k->h.e_phoff = PH_OFF;
    k->h.e_ehsize = sizeof(Elf64_Ehdr);
    k->h.e_phentsize = sizeof(Elf64_Phdr);
    k->h.e_phnum = 1;
    k->h.e_shentsize = sizeof(Elf64_Shdr);
    k->ph = (void *)(k->bytes + PH_OFF);
    k->sh = (void *)(k->bytes + SH_OFF);
    k->ph[0] = (Elf64_Phdr){.p_type = PT_LOAD,
                            .p_flags = PF_R | PF_X,
                            .p_offset = TEXT_OFF,
                            .p_vaddr = VIRT_BASE + LOAD_AT,
                            .p_paddr = LOAD_AT,
                            .p_filesz = TEXT_SIZE,
                            .p_memsz = TEXT_SIZE};
    k->size = TEXT_OFF + TEXT_SIZE;
    k->notes_end = NOTE_OFF;
    k->strings_end = STR_OFF + 1;
}

void kernel_note(struct kernel *k, u32 type, const void *desc, u32 size)
{
    u32 head[3] = {4, size, type};

    memcpy(k->bytes + k->notes_end, head, sizeof(head));
    memcpy(k->bytes + k->notes_end + 12, "Xen", 4);
    memcpy(k->bytes + k->notes_end + 16, desc, size);
    k->notes_end += 16 + ((size + 3) & ~3u);
}

void kernel_note_num(struct kernel *k, u32 type, u64 v)
{
    kernel_note(k, type, &v, sizeof(v));
}

void kernel_note_text(struct kernel *k, u32 type, const char *s)
{
    kernel_note(k, type, s, (u32)strlen(s));
}

void kernel_pv_notes(struct kernel *k)
{
    kernel_note_text(k, XEN_ELFNOTE_GUEST_OS, "linux");
    kernel_note_text(k, XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
    kernel_note_text(k, XEN_ELFNOTE_LOADER, "generic");
    kernel_note_num(k, XEN_ELFNOTE_VIRT_BASE, VIRT_BASE);
    kernel_note_num(k, XEN_ELFNOTE_ENTRY, VIRT_BASE + LOAD_AT + 0x100);
    kernel_note_num(k, XEN_ELFNOTE_HYPERCALL_PAGE, VIRT_BASE + LOAD_AT + 0x1000);
}

void kernel_note_segment(struct kernel *k)
{
    k->ph[1] = (Elf64_Phdr){.p_type = PT_NOTE,
                            .p_flags = PF_R,
                            .p_offset = NOTE_OFF,
                            .p_filesz = k->notes_end - NOTE_OFF,
                            .p_memsz = k->notes_end - NOTE_OFF};
    k->h.e_phnum = 2;
}

void kernel_section(struct kernel *k, u32 type, const char *name, u64 offset, u64 size)
{
    if (!k->h.e_shnum) { /* the first two: nothing, and the names */
        k->h.e_shoff = SH_OFF;
        k->h.e_shnum = 2;
        k->h.e_shstrndx = 1;
        k->sh[1] = (Elf64_Shdr){.sh_type = SHT_STRTAB, .sh_offset = STR_OFF, .sh_size = 0x100};
    }
    k->sh[k->h.e_shnum++] = (Elf64_Shdr){.sh_name = (u32)(k->strings_end - STR_OFF),
                                         .sh_type = type,
                                         .sh_offset = offset,
                                         .sh_size = size};
    strcpy((char *)k->bytes + k->strings_end, name);
    k->strings_end += strlen(name) + 1;
}

void kernel_good(struct kernel *k)
{
    kernel_init(k);
    kernel_pv_notes(k);
    kernel_note_segment(k);
}

const char *kernel_parse(const struct kernel *k, struct guest_image *g)
{
    u8 *copy = malloc(k->size ? k->size : 1);

    memcpy(copy, k->bytes, k->size);
    const char *err = guest_image_parse(g, copy, k->size);
    free(copy);
    return err;
}
