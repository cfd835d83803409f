// SPDX-License-Identifier: MIT
/* Kernels of 32 bits: the other class of ELF file, the note or key that says PAE, and the hole. */
#include <linux/elf.h>
#include <xen/elfnote.h>

#include "unit.h"
#include "elf.h"
#include "elfnotes.h"
#include "layout.h"

#define BASE     0xc0000000u
#define LOAD_AT  0x100000u
#define TEXT_OFF 0x1000u

/* The file lies at the end of its buffer, so that the sanitizer sees a look behind it. */
static struct {
    u8 bytes[0x2000];
    u32 size, notes_end;
} f;
static struct guest_image g;

enum { PH_OFF = 0x40, SH_OFF = 0x100, NAMES_OFF = 0x200, NOTE_OFF = 0x300 };

static Elf32_Ehdr *header(void)
{
    return (Elf32_Ehdr *)f.bytes;
}

static Elf32_Phdr *phdr(unsigned int i)
{
    return (Elf32_Phdr *)(f.bytes + PH_OFF) + i;
}

static void note(u32 type, const void *desc, u32 size)
{
    u32 head[3] = {4, size, type};

    memcpy(f.bytes + f.notes_end, head, sizeof(head));
    memcpy(f.bytes + f.notes_end + 12, "Xen", 4);
    memcpy(f.bytes + f.notes_end + 16, desc, size);
    f.notes_end += 16 + ((size + 3) & ~3u);
}

static void number(u32 type, u32 v)
{
    note(type, &v, sizeof(v));
}

static void text(u32 type, const char *s)
{
    note(type, s, (u32)strlen(s) + 1);
}

static int setup(void **state)
{
    (void)state;
    memset(&f, 0, sizeof(f));
    *header() = (Elf32_Ehdr){
        .e_type = ET_EXEC,
        .e_machine = EM_386,
        .e_version = 1,
        .e_entry = LOAD_AT,
        .e_phoff = PH_OFF,
        .e_ehsize = sizeof(Elf32_Ehdr),
        .e_phentsize = sizeof(Elf32_Phdr),
        .e_phnum = 2,
        .e_shentsize = sizeof(Elf32_Shdr),
    };
    memcpy(header()->e_ident, "\177ELF\1\1\1", 7);
    *phdr(0) = (Elf32_Phdr){.p_type = PT_LOAD,
                            .p_flags = PF_R | PF_X,
                            .p_offset = TEXT_OFF,
                            .p_vaddr = BASE + LOAD_AT,
                            .p_paddr = LOAD_AT,
                            .p_filesz = 0x800,
                            .p_memsz = 0x3800};
    f.size = TEXT_OFF + 0x800;
    f.notes_end = NOTE_OFF;
    text(XEN_ELFNOTE_GUEST_OS, "linux");
    text(XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
    text(XEN_ELFNOTE_LOADER, "generic");
    number(XEN_ELFNOTE_VIRT_BASE, BASE);
    number(XEN_ELFNOTE_ENTRY, BASE + LOAD_AT + 0x10);
    number(XEN_ELFNOTE_HYPERCALL_PAGE, BASE + LOAD_AT + 0x1000);
    return 0;
}

static const char *parse(void)
{
    u8 *copy = malloc(f.size);
    const char *err;

    *phdr(1) =
        (Elf32_Phdr){.p_type = PT_NOTE, .p_offset = NOTE_OFF, .p_filesz = f.notes_end - NOTE_OFF};
    memcpy(copy, f.bytes, f.size);
    err = guest_image_parse(&g, copy, f.size);
    free(copy);
    return err;
}

static void pae_kernel_is_taken(void **state)
{
    (void)state;
    text(XEN_ELFNOTE_PAE_MODE, "yes");
    assert_accepted(parse());
    assert_true(g.bits32);
    assert_true(g.extended_cr3);
    assert_int_equal(g.virt_base, BASE);
    assert_int_equal(g.entry, BASE + LOAD_AT + 0x10);
    assert_int_equal(g.virt_kstart, BASE + LOAD_AT);
    assert_int_equal(g.virt_kend, BASE + LOAD_AT + 0x3800);
    assert_int_equal(g.hypercall_page, BASE + LOAD_AT + 0x1000);
    assert_int_equal(g.nr_segs, 1);
    assert_int_equal(g.seg[0].offset, TEXT_OFF);
    assert_int_equal(g.seg[0].filesz, 0x800);
    assert_int_equal(g.seg[0].memsz, 0x3800);
}

static void bimodal_is_pae(void **state)
{
    (void)state;
    text(XEN_ELFNOTE_PAE_MODE, "yes,bimodal");
    assert_accepted(parse());
    assert_true(g.extended_cr3);
}

static void without_pae_it_is_refused(void **state)
{
    (void)state;
    assert_refused(parse(), "without PAE");
    text(XEN_ELFNOTE_PAE_MODE, "no");
    assert_refused(parse(), "without PAE");
}

/* PV GRUB's image: the last note is longer than its segment says. */
static void a_note_that_runs_past_its_segment_counts(void **state)
{
    u32 start = f.notes_end, long_size = 12;

    (void)state;
    text(XEN_ELFNOTE_PAE_MODE, "yes");
    memcpy(f.bytes + start + 4, &long_size, sizeof(long_size));
    assert_accepted(parse());
    assert_true(g.extended_cr3);
}

static void what_lies_in_the_hole_is_refused(void **state)
{
    (void)state;
    text(XEN_ELFNOTE_PAE_MODE, "yes");
    phdr(0)->p_memsz = (u32)PV32_HOLE_START - BASE;
    assert_refused(parse(), "hypervisor");
    phdr(0)->p_memsz -= LOAD_AT;
    assert_accepted(parse());
}

static void cut_short_it_is_refused(void **state)
{
    (void)state;
    text(XEN_ELFNOTE_PAE_MODE, "yes");
    f.size = sizeof(Elf32_Ehdr) - 1;
    assert_refused(parse(), "not an ELF file");
    f.size = PH_OFF + sizeof(Elf32_Phdr) - 1;
    assert_refused(parse(), "program headers");
    f.size = TEXT_OFF + 0x7ff;
    assert_refused(parse(), "truncated");
}

/* 2.6.18's kernels of before the notes. */
static const char *parse_section(const char *keys)
{
    static const char names[] = "\0__xen_guest";
    Elf32_Shdr *sh = (Elf32_Shdr *)(f.bytes + SH_OFF);

    header()->e_shoff = SH_OFF;
    header()->e_shnum = 2;
    header()->e_shstrndx = 1;
    memcpy(f.bytes + NAMES_OFF, names, sizeof(names));
    strcpy((char *)f.bytes + NOTE_OFF, keys);
    sh[0] = (Elf32_Shdr){
        .sh_name = 1, .sh_type = SHT_PROGBITS, .sh_offset = NOTE_OFF, .sh_size = strlen(keys)};
    sh[1] = (Elf32_Shdr){
        .sh_name = 0, .sh_type = SHT_STRTAB, .sh_offset = NAMES_OFF, .sh_size = sizeof(names)};
    f.notes_end = NOTE_OFF;
    return parse();
}

#define KEYS                                                                                       \
    "GUEST_OS=linux,XEN_VER=xen-3.0,LOADER=generic,VIRT_BASE=0xc0000000,"                          \
    "ELF_PADDR_OFFSET=0x0,VIRT_ENTRY=0xc0100000"

static void the_older_section_says_it_by_a_key(void **state)
{
    (void)state;
    assert_accepted(parse_section(KEYS ",PAE=yes[extended-cr3]"));
    assert_true(g.bits32 && g.extended_cr3);
    assert_accepted(parse_section(KEYS ",PAE=yes"));
    assert_false(g.extended_cr3);
    assert_refused(parse_section(KEYS ",PAE=no"), "without PAE");
    assert_refused(parse_section(KEYS), "without PAE");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(pae_kernel_is_taken, setup),
    cmocka_unit_test_setup(bimodal_is_pae, setup),
    cmocka_unit_test_setup(without_pae_it_is_refused, setup),
    cmocka_unit_test_setup(a_note_that_runs_past_its_segment_counts, setup),
    cmocka_unit_test_setup(what_lies_in_the_hole_is_refused, setup),
    cmocka_unit_test_setup(cut_short_it_is_refused, setup),
    cmocka_unit_test_setup(the_older_section_says_it_by_a_key, setup),
};

UNIT_MAIN(tests)
