/* SPDX-License-Identifier: MIT */
/* The first instructions of 32 bits: see lib/x64/head.S. */
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

    .section .note.GNU-stack, "", @progbits
