// SPDX-License-Identifier: MIT
/* The kernel's file: its header and segments. */
#include "kernel.h"

static struct kernel k;
static struct guest_image g;

static void good_kernel_is_accepted(void **state)
{
    (void)state;
    kernel_good(&k);
    assert_accepted(kernel_parse(&k, &g));
    assert_true(g.has_notes);
    assert_int_equal(g.nr_segs, 1);
    assert_int_equal(g.seg[0].offset, TEXT_OFF);
    assert_int_equal(g.seg[0].paddr, LOAD_AT);
    assert_int_equal(g.seg[0].filesz, TEXT_SIZE);
}

static void empty_file_is_no_elf(void **state)
{
    (void)state;
    kernel_good(&k);
    k.size = 0;
    assert_refused(kernel_parse(&k, &g), "not an ELF file");
}

static void file_of_half_a_header_is_no_elf(void **state)
{
    (void)state;
    kernel_good(&k);
    k.size = sizeof(Elf64_Ehdr) - 1;
    assert_refused(kernel_parse(&k, &g), "not an ELF file");
}

static void bzimage_is_refused_with_advice(void **state)
{
    (void)state;
    kernel_good(&k);
    memcpy(k.bytes, "MZ\352\7", 4);
    memcpy(k.bytes + 0x202, "HdrS", 4);
    assert_refused(kernel_parse(&k, &g), "sidecar builder");
}

/* Kernels of 64 bits have the note, too, and it says nothing there. */
static void pae_is_a_matter_of_32_bits(void **state)
{
    (void)state;
    kernel_init(&k);
    kernel_pv_notes(&k);
    kernel_note_text(&k, XEN_ELFNOTE_PAE_MODE, "yes");
    kernel_note_segment(&k);
    assert_accepted(kernel_parse(&k, &g));
    assert_false(g.bits32 || g.extended_cr3);
}

static void class_and_machine_must_agree(void **state)
{
    (void)state;
    kernel_good(&k);
    k.h.e_ident[EI_CLASS] = ELFCLASS32;
    assert_refused(kernel_parse(&k, &g), "not for x86");
    kernel_good(&k);
    k.h.e_machine = EM_386;
    assert_refused(kernel_parse(&k, &g), "not for x86");
}

static void other_machine_is_refused(void **state)
{
    (void)state;
    kernel_good(&k);
    k.h.e_machine = EM_AARCH64;
    assert_refused(kernel_parse(&k, &g), "not for x86");
}

static void big_endian_is_refused(void **state)
{
    (void)state;
    kernel_good(&k);
    k.h.e_ident[EI_DATA] = ELFDATA2MSB;
    assert_refused(kernel_parse(&k, &g), "not for x86");
}

static void object_file_is_refused(void **state)
{
    (void)state;
    kernel_good(&k);
    k.h.e_type = ET_REL;
    assert_refused(kernel_parse(&k, &g), "not an executable");
}

static void shared_object_type_is_accepted(void **state)
{
    (void)state;
    kernel_good(&k);
    k.h.e_type = ET_DYN;
    assert_accepted(kernel_parse(&k, &g));
}

static void no_program_headers_is_refused(void **state)
{
    (void)state;
    kernel_good(&k);
    k.h.e_phnum = 0;
    assert_refused(kernel_parse(&k, &g), "without program headers");
}

static void program_headers_too_small_are_refused(void **state)
{
    (void)state;
    kernel_good(&k);
    k.h.e_phentsize = sizeof(Elf64_Phdr) - 8;
    assert_refused(kernel_parse(&k, &g), "without program headers");
}

static void program_headers_behind_the_end_are_truncation(void **state)
{
    (void)state;
    kernel_good(&k);
    k.h.e_phoff = k.size - sizeof(Elf64_Phdr) / 2;
    k.h.e_phoff &= ~7UL;
    assert_refused(kernel_parse(&k, &g), "truncated");
}

static void file_cut_in_a_segment_is_truncation(void **state)
{
    (void)state;
    kernel_good(&k);
    k.size -= 1;
    assert_refused(kernel_parse(&k, &g), "truncated");
}

static void offset_and_size_that_wrap_are_truncation(void **state)
{
    (void)state;
    kernel_good(&k);
    k.ph[0].p_offset = ~0UL - 0xfff;
    k.ph[0].p_filesz = k.ph[0].p_memsz = 0x2000;
    assert_refused(kernel_parse(&k, &g), "truncated");
}

static void more_in_file_than_in_memory_is_refused(void **state)
{
    (void)state;
    kernel_good(&k);
    k.ph[0].p_memsz = TEXT_SIZE - 1;
    assert_refused(kernel_parse(&k, &g), "segment");
}

static void segment_that_wraps_is_refused(void **state)
{
    (void)state;
    kernel_good(&k);
    k.ph[0].p_paddr = ~0UL - 0xfff;
    assert_refused(kernel_parse(&k, &g), "wraps");
}

static void only_empty_segments_is_nothing_to_load(void **state)
{
    (void)state;
    kernel_good(&k);
    k.ph[0].p_memsz = k.ph[0].p_filesz = 0;
    assert_refused(kernel_parse(&k, &g), "nothing to load");
}

static void as_many_segments_as_there_is_room_for(void **state)
{
    (void)state;
    kernel_good(&k);
    for (unsigned int i = 2; i < GUEST_MAX_SEGMENTS + 1; i++)
        k.ph[i] = k.ph[0];
    k.h.e_phnum = GUEST_MAX_SEGMENTS + 1;
    assert_accepted(kernel_parse(&k, &g));
    assert_int_equal(g.nr_segs, GUEST_MAX_SEGMENTS);
}

static void too_many_segments_are_refused(void **state)
{
    (void)state;
    kernel_good(&k);
    for (unsigned int i = 2; i < GUEST_MAX_SEGMENTS + 2; i++)
        k.ph[i] = k.ph[0];
    k.h.e_phnum = GUEST_MAX_SEGMENTS + 2;
    assert_refused(kernel_parse(&k, &g), "too many segments");
}

static void every_truncation_is_refused_without_a_stray_read(void **state)
{
    (void)state;
    kernel_good(&k);
    for (u64 size = k.size - 1; size; size = size > 0x1000 ? size - 0x3ff : size - 1) {
        k.size = size;
        assert_non_null(kernel_parse(&k, &g));
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(good_kernel_is_accepted),
    cmocka_unit_test(empty_file_is_no_elf),
    cmocka_unit_test(file_of_half_a_header_is_no_elf),
    cmocka_unit_test(bzimage_is_refused_with_advice),
    cmocka_unit_test(class_and_machine_must_agree),
    cmocka_unit_test(pae_is_a_matter_of_32_bits),
    cmocka_unit_test(other_machine_is_refused),
    cmocka_unit_test(big_endian_is_refused),
    cmocka_unit_test(object_file_is_refused),
    cmocka_unit_test(shared_object_type_is_accepted),
    cmocka_unit_test(no_program_headers_is_refused),
    cmocka_unit_test(program_headers_too_small_are_refused),
    cmocka_unit_test(program_headers_behind_the_end_are_truncation),
    cmocka_unit_test(file_cut_in_a_segment_is_truncation),
    cmocka_unit_test(offset_and_size_that_wrap_are_truncation),
    cmocka_unit_test(more_in_file_than_in_memory_is_refused),
    cmocka_unit_test(segment_that_wraps_is_refused),
    cmocka_unit_test(only_empty_segments_is_nothing_to_load),
    cmocka_unit_test(as_many_segments_as_there_is_room_for),
    cmocka_unit_test(too_many_segments_are_refused),
    cmocka_unit_test(every_truncation_is_refused_without_a_stray_read),
};

UNIT_MAIN(tests)
