/* SPDX-License-Identifier: MIT */
/* The first instructions: keep every register as it was found, for the tests of the start state. */
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

    .section .note.GNU-stack, "", @progbits
