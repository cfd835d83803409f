// SPDX-License-Identifier: MIT
// Multiboot 2 entry: 32-bit, no paging, eax = magic, ebx = information.
        .globl  _start
_start:
        movl    $stack_end, %esp
        pushl   %ebx
        pushl   %eax
        call    probe_main
        .bss
        .skip   4096
stack_end:
        .section .note.GNU-stack, "", @progbits
