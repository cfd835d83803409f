/* SPDX-License-Identifier: MIT */
/* The least PV kernel there is: it takes all the CPU that it gets, and asks for nothing.  The other
 * side of a host with more to do than CPUs. */
#include <xen/elfnote.h>

    .macro NOTE type, directive, value:vararg
    .pushsection .note.Xen, "a", @note
    .balign 4
    .long 4, 4f - 3f, \type
    .asciz "Xen"
3:  \directive \value
4:  .balign 4
    .popsection
    .endm

    NOTE XEN_ELFNOTE_ENTRY, .quad, hog
    NOTE XEN_ELFNOTE_VIRT_BASE, .quad, 0xffffffff80000000
    NOTE XEN_ELFNOTE_PADDR_OFFSET, .quad, 0
    NOTE XEN_ELFNOTE_XEN_VERSION, .asciz, "xen-3.0"
    NOTE XEN_ELFNOTE_GUEST_OS, .asciz, "hog"
    NOTE XEN_ELFNOTE_LOADER, .asciz, "generic"
    NOTE XEN_ELFNOTE_FEATURES, .asciz, "!writable_page_tables|pae_pgdir_above_4gb"

    .section .text.head, "ax"
    .globl guest_entry
guest_entry:
hog:
    pause
    jmp hog
