/* SPDX-License-Identifier: MIT */
/* Copies between the shim and guest virtual memory, in the page tables that are live.  A fault in
 * the marked instructions ends the copy (extable, trap.c).  Callers check the range: usercopy.h. */
    .text

/* u64 guest_copy_raw(void *dst, const void *src, u64 n): bytes not copied. */
    .globl guest_copy_raw
guest_copy_raw:
    movq %rdx, %rcx
    movl %edx, %eax
    shrq $3, %rcx
    andl $7, %eax
1:  rep movsq
2:  movl %eax, %ecx
3:  rep movsb
4:  movq %rcx, %rax
    ret
5:  leaq (%rax, %rcx, 8), %rcx /* words and tail left */
    movq %rcx, %rax
    ret

    .section .extable, "a"
    .quad 1b, 2b, 5b
    .quad 3b, 4b, 4b
