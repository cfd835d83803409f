/* SPDX-License-Identifier: MIT */
/* How the builder recognises a test guest of 32 bits, and its first instructions: see lib/x64/head.S. */
#include <xen/elfnote.h>

#define VIRT_BASE 0xc0000000
#ifndef GUEST_PAE_MODE
#define GUEST_PAE_MODE "yes"
#endif

#ifdef GUEST_LEGACY
    .section __xen_guest, "a"
    .ascii "GUEST_OS=xenshim-test,GUEST_VER=1,XEN_VER=xen-3.0,LOADER=generic,"
    .ascii "PAE=yes[extended-cr3],VIRT_BASE=0xc0000000,ELF_PADDR_OFFSET=0x0,"
    .asciz "VIRT_ENTRY=0xc0100000,HYPERCALL_PAGE=0x101"
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

    NOTE XEN_ELFNOTE_ENTRY, .long, guest_entry
    NOTE XEN_ELFNOTE_VIRT_BASE, .long, VIRT_BASE
    NOTE XEN_ELFNOTE_PADDR_OFFSET, .long, 0
    NOTE XEN_ELFNOTE_XEN_VERSION, .asciz, "xen-3.0"
    NOTE XEN_ELFNOTE_GUEST_OS, .asciz, "xenshim-test"
    NOTE XEN_ELFNOTE_LOADER, .asciz, "generic"
    NOTE XEN_ELFNOTE_PAE_MODE, .asciz, GUEST_PAE_MODE
    NOTE XEN_ELFNOTE_HV_START_LOW, .long, 0xf5800000
    NOTE XEN_ELFNOTE_FEATURES, .ascii, "!writable_page_tables|pae_pgdir_above_4gb"
#ifndef GUEST_NO_HYPERCALL_PAGE
    NOTE XEN_ELFNOTE_HYPERCALL_PAGE, .long, hypercall_page
#endif
#ifdef GUEST_MOD_START_PFN
    NOTE XEN_ELFNOTE_MOD_START_PFN, .long, 1
#endif
    NOTE 0x7e57, .asciz, "unknown"
#endif

    .section .text.head, "ax"
    .globl guest_entry
guest_entry:
    mov %eax, start_regs + 0 * 4
    mov %ebx, start_regs + 1 * 4
    mov %ecx, start_regs + 2 * 4
    mov %edx, start_regs + 3 * 4
    mov %esi, start_regs + 4 * 4
    mov %edi, start_regs + 5 * 4
    mov %ebp, start_regs + 6 * 4
    mov %esp, start_regs + 7 * 4
    pushfl
    popl start_regs + 8 * 4
    mov %ds, start_regs + 9 * 4
    mov %es, start_regs + 10 * 4
    mov %fs, start_regs + 11 * 4
    mov %gs, start_regs + 12 * 4
    mov %ss, start_regs + 13 * 4
    mov %cs, start_regs + 14 * 4
    cld
    lea boot_stack + 4 * 4096 - 16, %esp
    xor %ebp, %ebp
    mov %esi, (%esp)
    call guest_start
    ud2

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
    .skip 16 * 4

    .section .note.GNU-stack, "", @progbits
