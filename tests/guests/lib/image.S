/* SPDX-License-Identifier: MIT */
/*
 * How the builder recognises a test guest (ELF notes, or the legacy string with GUEST_LEGACY), its
 * hypercall page, and what its first instructions need: a stack, and room for the registers as they
 * were found.
 */
#include <xen/elfnote.h>

#ifdef __x86_64__
#define WORD        .quad
#define VIRT_BASE   0xffffffff80000000
#define VIRT_ENTRY  0xffffffff80100000
#define LEGACY_MODE ""
#else
#define WORD        .long
#define VIRT_BASE   0xc0000000
#define VIRT_ENTRY  0xc0100000
#define LEGACY_MODE "PAE=yes[extended-cr3],"
#endif

#define STRING_OF(x) #x
#define STRING(x)    STRING_OF(x)

#ifdef GUEST_LEGACY
    .section __xen_guest, "a"
    /* Entry and hypercall page: see guest.lds. The page is a frame index, not an address. */
    .ascii "GUEST_OS=xenshim-test,GUEST_VER=1,XEN_VER=xen-3.0,LOADER=generic,"
    .ascii LEGACY_MODE, "VIRT_BASE=", STRING(VIRT_BASE), ",ELF_PADDR_OFFSET=0x0,"
    .ascii "VIRT_ENTRY=", STRING(VIRT_ENTRY)
    .asciz ",HYPERCALL_PAGE=0x101"
#else
    .macro NOTE type, directive, value:vararg
    .pushsection .note.Xen, "a", @note
    .balign 4
    .long 2f - 1f, 4f - 3f, \type
1:  .asciz "Xen"
2:  .balign 4
3:  \directive \value
4:  .balign 4
    .popsection
    .endm

    NOTE XEN_ELFNOTE_ENTRY, WORD, guest_entry
    NOTE XEN_ELFNOTE_VIRT_BASE, WORD, VIRT_BASE
    NOTE XEN_ELFNOTE_PADDR_OFFSET, WORD, 0
    NOTE XEN_ELFNOTE_XEN_VERSION, .asciz, "xen-3.0"
    NOTE XEN_ELFNOTE_GUEST_OS, .asciz, "xenshim-test"
    NOTE XEN_ELFNOTE_LOADER, .asciz, "generic"
#ifdef __i386__
    NOTE XEN_ELFNOTE_PAE_MODE, .asciz, "yes"
    NOTE XEN_ELFNOTE_HV_START_LOW, WORD, 0xf5800000
#endif
    /* Not terminated on purpose: Linux's isn't either, so its length must come from the note. */
    NOTE XEN_ELFNOTE_FEATURES, .ascii, "!writable_page_tables|pae_pgdir_above_4gb"
#ifndef GUEST_NO_HYPERCALL_PAGE
    NOTE XEN_ELFNOTE_HYPERCALL_PAGE, WORD, hypercall_page
#endif
#ifdef GUEST_INIT_P2M
    NOTE XEN_ELFNOTE_INIT_P2M, WORD, GUEST_INIT_P2M
#endif
#ifdef GUEST_MOD_START_PFN
    NOTE XEN_ELFNOTE_MOD_START_PFN, WORD, 1
#endif
#ifdef GUEST_BSD_SYMTAB
    NOTE XEN_ELFNOTE_BSD_SYMTAB, .asciz, "yes"
#endif
    /* A type that no builder knows must be skipped. */
    NOTE 0x7e57, .asciz, "unknown"
#endif

    .section .text.hypercall_page, "ax"
    .globl hypercall_page
hypercall_page:
    .fill 4096, 1, 0xc3

    .bss
    .balign 4096
    .globl boot_stack
boot_stack:
    .skip 4 * 4096
    .globl start_regs
start_regs:
    .skip 24 * 8

    .section .note.GNU-stack, "", @progbits
