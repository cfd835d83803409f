/* SPDX-License-Identifier: MIT */
/*
 * How the builder recognises a test guest (ELF notes, or the legacy string with GUEST_LEGACY), and
 * its first instructions: keep every register as it was found, for the tests of the start state.
 */
#include <xen/elfnote.h>

#define VIRT_BASE 0xffffffff80000000

#ifdef GUEST_LEGACY
    .section __xen_guest, "a"
    /* Entry and hypercall page: see guest.lds. The page is a frame index, not an address. */
    .ascii "GUEST_OS=xenshim-test,GUEST_VER=1,XEN_VER=xen-3.0,LOADER=generic,"
    .ascii "VIRT_BASE=0xffffffff80000000,ELF_PADDR_OFFSET=0x0,"
    .asciz "VIRT_ENTRY=0xffffffff80100000,HYPERCALL_PAGE=0x101"
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

    NOTE XEN_ELFNOTE_ENTRY, .quad, guest_entry
    NOTE XEN_ELFNOTE_VIRT_BASE, .quad, VIRT_BASE
    NOTE XEN_ELFNOTE_PADDR_OFFSET, .quad, 0
    NOTE XEN_ELFNOTE_XEN_VERSION, .asciz, "xen-3.0"
    NOTE XEN_ELFNOTE_GUEST_OS, .asciz, "xenshim-test"
    NOTE XEN_ELFNOTE_LOADER, .asciz, "generic"
    /* Not terminated on purpose: Linux's isn't either, so its length must come from the note. */
    NOTE XEN_ELFNOTE_FEATURES, .ascii, "!writable_page_tables|pae_pgdir_above_4gb"
#ifndef GUEST_NO_HYPERCALL_PAGE
    NOTE XEN_ELFNOTE_HYPERCALL_PAGE, .quad, hypercall_page
#endif
#ifdef GUEST_INIT_P2M
    NOTE XEN_ELFNOTE_INIT_P2M, .quad, GUEST_INIT_P2M
#endif
#ifdef GUEST_MOD_START_PFN
    NOTE XEN_ELFNOTE_MOD_START_PFN, .quad, 1
#endif
    /* A type that no builder knows must be skipped. */
    NOTE 0x7e57, .asciz, "unknown"
#endif

    .section .text.head, "ax"
    .globl guest_entry
guest_entry:
    mov %rax, start_regs + 0 * 8(%rip)
    mov %rbx, start_regs + 1 * 8(%rip)
    mov %rcx, start_regs + 2 * 8(%rip)
    mov %rdx, start_regs + 3 * 8(%rip)
    mov %rsi, start_regs + 4 * 8(%rip)
    mov %rdi, start_regs + 5 * 8(%rip)
    mov %rbp, start_regs + 6 * 8(%rip)
    mov %rsp, start_regs + 7 * 8(%rip)
    mov %r8, start_regs + 8 * 8(%rip)
    mov %r9, start_regs + 9 * 8(%rip)
    mov %r10, start_regs + 10 * 8(%rip)
    mov %r11, start_regs + 11 * 8(%rip)
    mov %r12, start_regs + 12 * 8(%rip)
    mov %r13, start_regs + 13 * 8(%rip)
    mov %r14, start_regs + 14 * 8(%rip)
    mov %r15, start_regs + 15 * 8(%rip)
    pushfq
    popq start_regs + 16 * 8(%rip)
    mov %ds, start_regs + 17 * 8(%rip)
    mov %es, start_regs + 18 * 8(%rip)
    mov %fs, start_regs + 19 * 8(%rip)
    mov %gs, start_regs + 20 * 8(%rip)
    mov %ss, start_regs + 21 * 8(%rip)
    mov %cs, start_regs + 22 * 8(%rip)
    cld
    lea boot_stack + 4 * 4096(%rip), %rsp
    mov %rsi, %rdi
    xor %ebp, %ebp
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
    .skip 24 * 8

    .section .note.GNU-stack, "", @progbits
