// SPDX-License-Identifier: MIT
/* Symbols behind a kernel that asks for them: where Xen's builder has them, and what goes before.
 */
#include "kernel.h"

#define SYMTAB_AT   0x1800UL /* in the text, which is as good as any place */
#define SYMTAB_SIZE 0x61UL
#define STRTAB_AT   0x2000UL
#define STRTAB_SIZE 0x33UL
#define HEAD        (4 + 64 + 3 * 64)

static struct kernel k;
static struct guest_image g;

/* Two tables behind the last section; their numbers are known by what kernel_section() does. */
static void add_tables(void)
{
    kernel_section(&k, SHT_SYMTAB, ".symtab", SYMTAB_AT, SYMTAB_SIZE);
    kernel_section(&k, SHT_STRTAB, ".strtab", STRTAB_AT, STRTAB_SIZE);
    k.sh[2].sh_link = 3;
    k.sh[2].sh_entsize = 24;
}

static void kernel_that_asks(void)
{
    kernel_init(&k);
    kernel_pv_notes(&k);
    kernel_note_text(&k, XEN_ELFNOTE_BSD_SYMTAB, "yes");
    kernel_note_segment(&k);
    k.ph[0].p_memsz += 3; /* so that it doesn't end at a word */
}

static void tables_are_segments_behind_the_kernel(void **state)
{
    const u64 start = LOAD_AT + TEXT_SIZE + 8, symbols = (start + HEAD + 7) & ~7UL,
              names = (symbols + SYMTAB_SIZE + 7) & ~7UL;

    (void)state;
    kernel_that_asks();
    add_tables();
    assert_accepted(kernel_parse(&k, &g));
    assert_true(g.symbols.any);
    assert_int_equal(g.symbols.paddr, start);
    assert_int_equal(g.nr_segs, 3);
    assert_int_equal(g.seg[1].offset, SYMTAB_AT);
    assert_int_equal(g.seg[1].paddr, symbols);
    assert_int_equal(g.seg[1].filesz, SYMTAB_SIZE);
    assert_int_equal(g.seg[1].memsz, SYMTAB_SIZE);
    assert_int_equal(g.seg[2].offset, STRTAB_AT);
    assert_int_equal(g.seg[2].paddr, names);
    assert_int_equal(g.seg[2].filesz, STRTAB_SIZE);
    assert_int_equal(g.virt_kend, VIRT_BASE + names + STRTAB_SIZE);
}

static void what_goes_before_leads_to_them(void **state)
{
    Elf64_Ehdr h;
    Elf64_Shdr s[3];
    u32 length;

    (void)state;
    kernel_that_asks();
    add_tables();
    assert_accepted(kernel_parse(&k, &g));
    memcpy(&length, g.symbols.bytes, 4);
    memcpy(&h, g.symbols.bytes + 4, sizeof(h));
    assert_int_equal(length, g.seg[2].paddr + STRTAB_SIZE - g.symbols.paddr - 4);
    assert_memory_equal(h.e_ident, "\177ELF\2\1\1", 7);
    assert_int_equal(h.e_machine, EM_X86_64);
    assert_int_equal(h.e_shoff, sizeof(h));
    assert_int_equal(h.e_shentsize, sizeof(s[0]));
    assert_int_equal(h.e_shnum, 3);
    assert_int_equal(h.e_shstrndx, 0);
    assert_int_equal(h.e_phnum, 0);
    assert_int_equal(h.e_phoff, 0);
    memcpy(s, g.symbols.bytes + 4 + h.e_shoff, sizeof(s));
    assert_int_equal(s[0].sh_type, 0);
    assert_int_equal(s[1].sh_type, SHT_SYMTAB);
    assert_int_equal(s[1].sh_link, 2);
    assert_int_equal(s[1].sh_entsize, 24);
    assert_int_equal(s[1].sh_size, SYMTAB_SIZE);
    assert_int_equal(s[1].sh_offset, g.seg[1].paddr - g.symbols.paddr - 4);
    assert_int_equal(s[2].sh_type, SHT_STRTAB);
    assert_int_equal(s[2].sh_size, STRTAB_SIZE);
    assert_int_equal(s[2].sh_offset, g.seg[2].paddr - g.symbols.paddr - 4);
}

static void assert_without_symbols(void)
{
    assert_accepted(kernel_parse(&k, &g));
    assert_false(g.symbols.any);
    assert_int_equal(g.nr_segs, 1);
}

static void a_kernel_that_does_not_ask_gets_none(void **state)
{
    (void)state;
    kernel_good(&k);
    add_tables();
    assert_without_symbols();
    kernel_init(&k);
    kernel_pv_notes(&k);
    kernel_note_text(&k, XEN_ELFNOTE_BSD_SYMTAB, "no");
    kernel_note_segment(&k);
    add_tables();
    assert_without_symbols();
}

/* It comes up without: what is missing is the debugger's. */
static void tables_that_are_not_whole_are_left_out(void **state)
{
    (void)state;
    kernel_that_asks();
    assert_without_symbols(); /* stripped */
    add_tables();
    k.sh[2].sh_link = 2;
    assert_without_symbols();
    k.sh[2].sh_link = 99;
    assert_without_symbols();
    k.sh[2].sh_link = 3;
    k.sh[2].sh_size = k.size;
    assert_without_symbols();
    k.sh[2].sh_size = ~0UL;
    assert_without_symbols();
    k.sh[2].sh_size = SYMTAB_SIZE;
    k.sh[3].sh_offset = k.size - STRTAB_SIZE + 1;
    assert_without_symbols();
    k.sh[3].sh_offset = k.size - STRTAB_SIZE;
    assert_accepted(kernel_parse(&k, &g));
    assert_true(g.symbols.any);
}

static void the_old_string_may_ask(void **state)
{
    static const char asks[] = "GUEST_OS=NetBSD,XEN_VER=xen-3.0,LOADER=generic,"
                               "VIRT_BASE=0xffffffff80000000,BSD_SYMTAB=yes";

    (void)state;
    kernel_init(&k);
    k.ph[0].p_paddr = VIRT_BASE + LOAD_AT;
    k.h.e_entry = VIRT_BASE + LOAD_AT;
    memcpy(k.bytes + 0x400, asks, sizeof(asks));
    add_tables();
    kernel_section(&k, SHT_PROGBITS, "__xen_guest", 0x400, sizeof(asks));
    assert_accepted(kernel_parse(&k, &g));
    assert_true(g.symbols.any);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(tables_are_segments_behind_the_kernel),
    cmocka_unit_test(what_goes_before_leads_to_them),
    cmocka_unit_test(a_kernel_that_does_not_ask_gets_none),
    cmocka_unit_test(tables_that_are_not_whole_are_left_out),
    cmocka_unit_test(the_old_string_may_ask),
};

UNIT_MAIN(tests)
