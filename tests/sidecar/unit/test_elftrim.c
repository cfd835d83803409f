// SPDX-License-Identifier: MIT
/* A trimmed kernel loads to the same memory as the one it was made of, and says the same of itself;
 * what isn't understood stays as it is. */
#include "test.h"

#include <elf.h>
#include <xen/elfnote.h>

#include "../../../sidecar/elftrim.h"
#include "../../../sidecar/xennotes.h"

enum { TEXT = 0x1000, TEXT_LEN = 0x800, DATA = 0x3000, DATA_LEN = 0x5000, NOTES = TEXT + 0x100 };
enum { NOTES_OUTSIDE = 0x900, FILE_LEN = DATA + DATA_LEN + 0x2000 };

static struct buf image;
static Elf64_Phdr heads[3];

static void note(size_t *at, uint32_t type, const void *desc, uint32_t n)
{
    uint32_t head[3] = {4, n, type};

    memcpy(image.data + *at, head, sizeof(head));
    memcpy(image.data + *at + 12, "Xen", 4);
    memcpy(image.data + *at + 16, desc, n);
    *at += 16 + ((n + 3) & ~3u);
}

/* A segment of code with the notes in it (or not), one of data that is 0 from its middle on, and
 * what only a debugger reads behind them. */
static void make(size_t notes)
{
    static const uint64_t entry = 0xffffffff81000000;
    Elf64_Ehdr h = {
        .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_X86_64,
        .e_entry = entry,
        .e_phoff = sizeof(h),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = 3,
        .e_shentsize = sizeof(Elf64_Shdr),
        .e_shoff = DATA + DATA_LEN,
        .e_shnum = 1,
    };
    size_t end = notes;

    buf_free(&image);
    image.data = calloc(1, FILE_LEN + 1);
    image.len = image.cap = FILE_LEN;
    memset(image.data + TEXT, 0x90, TEXT_LEN);
    memset(image.data + DATA, 0x55, DATA_LEN / 2);
    memset(image.data + DATA + DATA_LEN, 0xee, 0x2000);
    note(&end, XEN_ELFNOTE_ENTRY, &entry, 8);
    note(&end, XEN_ELFNOTE_XEN_VERSION, "xen-3.0", 8);
    note(&end, XEN_ELFNOTE_GUEST_OS, "linux", 6);
    heads[0] = (Elf64_Phdr){.p_type = PT_LOAD,
                            .p_flags = PF_R | PF_X,
                            .p_offset = TEXT,
                            .p_vaddr = 0xffffffff81000000,
                            .p_paddr = 0x1000000,
                            .p_filesz = TEXT_LEN,
                            .p_memsz = TEXT_LEN,
                            .p_align = 0x200000};
    heads[1] = (Elf64_Phdr){.p_type = PT_LOAD,
                            .p_flags = PF_R | PF_W,
                            .p_offset = DATA,
                            .p_vaddr = 0xffffffff81200123,
                            .p_paddr = 0x1200123,
                            .p_filesz = DATA_LEN,
                            .p_memsz = DATA_LEN + 0x1000,
                            .p_align = 0x200000};
    heads[2] = (Elf64_Phdr){.p_type = PT_NOTE, .p_offset = notes, .p_filesz = end - notes};
    memcpy(image.data, &h, sizeof(h));
    memcpy(image.data + sizeof(h), heads, sizeof(heads));
}

static void check_same(const struct buf *out)
{
    Elf64_Ehdr h;
    Elf64_Phdr now[3];
    struct xen_kernel k;
    char *bad = xen_kernel_check(out->data, out->len, &k);

    assert_null(bad);
    assert_string_equal(k.guest_os, "linux");
    memcpy(&h, out->data, sizeof(h));
    assert_int_equal(h.e_phnum, 3);
    assert_int_equal(h.e_shnum, 0);
    assert_int_equal(h.e_entry, 0xffffffff81000000);
    memcpy(now, out->data + h.e_phoff, sizeof(now));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(now[i].p_paddr, heads[i].p_paddr);
        assert_int_equal(now[i].p_memsz, heads[i].p_memsz);
        assert_int_equal(now[i].p_flags, heads[i].p_flags);
        assert_int_equal((now[i].p_offset - now[i].p_vaddr) % 4096, 0);
        for (size_t b = 0; b < heads[i].p_filesz; b++)
            assert_int_equal(b < now[i].p_filesz ? out->data[now[i].p_offset + b] : 0,
                             image.data[heads[i].p_offset + b]);
    }
    assert_int_equal(now[1].p_filesz, DATA_LEN / 2);
    assert_memory_equal(out->data + now[2].p_offset, image.data + heads[2].p_offset,
                        heads[2].p_filesz);
}

/* A trimmed copy of the image. */
static struct buf trimmed(void)
{
    struct buf out = {0};

    buf_add(&out, image.data, image.len);
    elf_trim(&out);
    return out;
}

static void notes_in_a_segment(void **s)
{
    struct buf out;

    (void)s;
    make(NOTES);
    out = trimmed();
    assert_true(out.len < image.len - 0x2000 - DATA_LEN / 2 + 0x1000);
    check_same(&out);
    buf_free(&out);
}

static void notes_of_their_own(void **s)
{
    struct buf out;

    (void)s;
    make(NOTES_OUTSIDE);
    out = trimmed();
    check_same(&out);
    buf_free(&out);
}

/* The image itself, that is, where cutting it might lose something. */
static void stays(void)
{
    struct buf out = trimmed(), same = image;

    assert_int_equal(out.len, image.len);
    assert_memory_equal(out.data, image.data, image.len);
    buf_free(&out);
    elf_trim(&image);
    assert_ptr_equal(image.data, same.data);
    assert_int_equal(image.len, same.len);
}

/* NetBSD and FreeBSD are given theirs by the loader. */
static void one_that_is_to_have_its_symbols(void **s)
{
    size_t end;

    (void)s;
    make(NOTES);
    end = NOTES + heads[2].p_filesz;
    note(&end, XEN_ELFNOTE_BSD_SYMTAB, "yes", 4);
    heads[2].p_filesz = end - NOTES;
    memcpy(image.data + sizeof(Elf64_Ehdr), heads, sizeof(heads));
    stays();
    memcpy(image.data + end - 4, "no", 3);
    struct buf out = trimmed();
    check_same(&out);
    buf_free(&out);
}

static void others_stay(void **s)
{
    Elf64_Phdr *ph;

    (void)s;
    make(NOTES);
    ph = (Elf64_Phdr *)(image.data + sizeof(Elf64_Ehdr));
    ph[2].p_type = PT_NULL; /* no notes but in sections */
    stays();
    make(NOTES);
    ph = (Elf64_Phdr *)(image.data + sizeof(Elf64_Ehdr));
    ph[1].p_filesz = FILE_LEN; /* damaged */
    stays();
    make(NOTES);
    image.data[EI_CLASS] = ELFCLASS32;
    stays();
    make(NOTES);
    image.len = 60;
    stays();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notes_in_a_segment),
        cmocka_unit_test(notes_of_their_own),
        cmocka_unit_test(one_that_is_to_have_its_symbols),
        cmocka_unit_test(others_stay),
    };

    return cmocka_run_group_tests_name("elftrim", tests, NULL, NULL);
}
