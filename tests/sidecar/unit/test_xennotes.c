// SPDX-License-Identifier: MIT
/* Verdicts on hand-made ELF images: what is refused, and why. The image is built here and not by
 * the compiler so that every field can be wrong. */
#include "test.h"

#include <elf.h>
#include <xen/elfnote.h>

#include "../../../sidecar/xennotes.h"

/* One image: ELF header, a PT_LOAD over all of it, a PT_NOTE over the notes at 256. */
static uint8_t image[4096];
static size_t notes_end;

static void start(void)
{
    Elf64_Ehdr h = {
        .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_X86_64,
        .e_phoff = sizeof(h),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = 2,
        .e_shentsize = sizeof(Elf64_Shdr),
    };
    Elf64_Phdr load = {.p_type = PT_LOAD, .p_filesz = sizeof(image), .p_memsz = sizeof(image)};

    memset(image, 0, sizeof(image));
    memcpy(image, &h, sizeof(h));
    memcpy(image + sizeof(h), &load, sizeof(load));
    notes_end = 256;
}

static void note(const char *owner, uint32_t type, const void *desc, uint32_t n)
{
    uint32_t head[3] = {(uint32_t)strlen(owner) + 1, n, type};

    memcpy(image + notes_end, head, sizeof(head));
    memcpy(image + notes_end + 12, owner, head[0]);
    notes_end += 12 + ((head[0] + 3) & ~3u);
    memcpy(image + notes_end, desc, n);
    notes_end += (n + 3) & ~3u;
}

static void note_string(uint32_t type, const char *s)
{
    note("Xen", type, s, (uint32_t)strlen(s));
}

static void finish(void)
{
    Elf64_Phdr notes = {.p_type = PT_NOTE, .p_offset = 256, .p_filesz = notes_end - 256};

    memcpy(image + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr), &notes, sizeof(notes));
}

static void good(const char *features)
{
    uint64_t entry = 0xffffffff81000000;

    start();
    note("Xen", XEN_ELFNOTE_ENTRY, &entry, 8);
    note_string(XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
    note_string(XEN_ELFNOTE_GUEST_OS, "linux");
    note_string(XEN_ELFNOTE_LOADER, "generic");
    note_string(XEN_ELFNOTE_FEATURES, features);
    finish();
}

static void verdict(const char *expected)
{
    struct xen_kernel k;
    uint8_t *exact = malloc(sizeof(image));
    char *got;

    /* On the heap, so that ASan sees a byte read too far. */
    memcpy(exact, image, sizeof(image));
    got = xen_kernel_check(exact, sizeof(image), &k);
    if (!expected)
        assert_null(got);
    else {
        assert_non_null(got);
        assert_non_null(strstr(got, expected));
    }
    free(got);
    free(exact);
}

static void test_good(void **s)
{
    (void)s;
    good("!writable_page_tables|pae_pgdir_above_4gb");
    verdict(NULL);
    good("");
    verdict(NULL);
    good("something_new|!writable_page_tables");
    verdict(NULL);
}

/* The kernel may be a guest's own choice, and the reason is shown on root's terminal. */
static void test_nothing_for_a_terminal(void **s)
{
    struct xen_kernel k;
    char *reason;

    (void)s;
    start();
    good("!a\033[2J\nmk-sidecar: b\x9b");
    finish();
    reason = xen_kernel_check(image, sizeof(image), &k);
    assert_non_null(reason);
    assert_non_null(strstr(reason, "a?[2J?mk-sidecar: b?"));
    for (const char *c = reason; *c; c++)
        assert_in_range(*c, ' ', '~');
    free(reason);
}

static void test_features(void **s)
{
    (void)s;
    good("!flying_pages");
    verdict("'flying_pages'");
    good("!writable_page_tables|!auto_translated_physmap");
    verdict("'auto_translated_physmap'");
    good("!supervisor_mode_kernel");
    verdict("'supervisor_mode_kernel'");
    good("!");
    verdict("''");
}

static void test_identity(void **s)
{
    uint64_t entry = 0;

    (void)s;
    start();
    finish();
    verdict("no Xen notes");
    start();
    note("Linux", XEN_ELFNOTE_ENTRY, &entry, 8);
    note("name", XEN_ELFNOTE_ENTRY, &entry, 8);
    finish();
    verdict("no Xen notes");
    start();
    note("Xen", XEN_ELFNOTE_PHYS32_ENTRY, &entry, 8);
    finish();
    verdict("CONFIG_XEN_PV");
    start();
    note("Xen", XEN_ELFNOTE_ENTRY, &entry, 8);
    note_string(XEN_ELFNOTE_XEN_VERSION, "xen-2.0");
    finish();
    verdict("'xen-2.0'");
    start();
    note("Xen", XEN_ELFNOTE_ENTRY, &entry, 8);
    note_string(XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
    note_string(XEN_ELFNOTE_LOADER, "special");
    finish();
    verdict("'special'");
    good("");
    image[18] = EM_AARCH64;
    verdict("not an x86 kernel");
    good("");
    image[EI_CLASS] = ELFCLASS32; /* which none for x86-64 is */
    verdict("not an x86 kernel");
}

/* The same image with the headers of 32 bits. */
static void narrow(const char *pae)
{
    uint32_t entry = 0xc0100000;
    Elf32_Ehdr h = {
        .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_386,
        .e_phoff = sizeof(h),
        .e_phentsize = sizeof(Elf32_Phdr),
        .e_phnum = 2,
        .e_shentsize = sizeof(Elf32_Shdr),
    };
    Elf32_Phdr p[2] = {{.p_type = PT_LOAD, .p_filesz = sizeof(image), .p_memsz = sizeof(image)},
                       {.p_type = PT_NOTE, .p_offset = 256}};

    start();
    note("Xen", XEN_ELFNOTE_ENTRY, &entry, 4);
    note_string(XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
    note_string(XEN_ELFNOTE_LOADER, "generic");
    if (pae)
        note_string(XEN_ELFNOTE_PAE_MODE, pae);
    memset(image, 0, 256);
    p[1].p_filesz = (Elf32_Word)notes_end - 256;
    memcpy(image, &h, sizeof(h));
    memcpy(image + sizeof(h), p, sizeof(p));
}

static void test_narrow(void **s)
{
    struct xen_kernel k;

    (void)s;
    narrow("yes");
    verdict(NULL);
    assert_null(xen_kernel_check(image, sizeof(image), &k));
    assert_true(k.narrow);
    narrow("yes[extended-cr3]");
    verdict(NULL);
    narrow("bimodal");
    verdict(NULL);
    narrow("no");
    verdict("without PAE");
    narrow(NULL);
    verdict("without PAE");
    /* GRUB's own has a note that runs past the end of the file. */
    narrow("yes");
    image[notes_end - 16] = 0xff;
    verdict(NULL);
    narrow("yes");
    image[offsetof(Elf32_Ehdr, e_phnum)] = 0;
    verdict("no program headers");
    narrow("yes");
    image[sizeof(Elf32_Ehdr) + offsetof(Elf32_Phdr, p_filesz) + 2] = 0xff;
    verdict("cut short");
    good("");
    assert_null(xen_kernel_check(image, sizeof(image), &k));
    assert_false(k.narrow);
}

static void test_broken(void **s)
{
    uint32_t huge = 0xfffffff0;

    (void)s;
    /* A note that runs past its segment is the last one, as with GRUB's own image. */
    good("");
    memcpy(image + notes_end - 12, &huge, 4);
    verdict(NULL);
    good("");
    memcpy(image + sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_filesz), &huge, 4);
    verdict("cut short");
    good("");
    memset(image + offsetof(Elf64_Ehdr, e_phnum), 0xff, 2);
    verdict("cut short");
    good("");
    memset(image + offsetof(Elf64_Ehdr, e_phoff), 0xff, 8);
    verdict("cut short");
    good("");
    image[offsetof(Elf64_Ehdr, e_phnum)] = 0;
    verdict("no program headers");
}

/* Any one byte may hold anything: a verdict, never a bad access. */
static void test_mutations(void **s)
{
    static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};

    (void)s;
    for (size_t at = 0; at < notes_end; at++) {
        for (size_t v = 0; v < sizeof(values); v++) {
            struct xen_kernel k;
            uint8_t *exact = malloc(sizeof(image));

            if (at % 2)
                narrow("yes");
            else
                good("!writable_page_tables");
            image[at] = values[v];
            memcpy(exact, image, sizeof(image));
            free(xen_kernel_check(exact, sizeof(image), &k));
            free(exact);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_for_a_terminal),
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_features),
        cmocka_unit_test(test_identity),
        cmocka_unit_test(test_narrow),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_mutations),
    };

    return cmocka_run_group_tests_name("xennotes", tests, NULL, NULL);
}
