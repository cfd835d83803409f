/* SPDX-License-Identifier: MIT */
/*
 * Ways into and out of a test guest of 32 bits. The hypervisor pushes, downwards from where the stack is,
 *
 *      [SS ESP]  EFLAGS CS EIP [error code]
 *
 * with the first two only when it comes from ring 3. x32/frame.c tells the forms apart.
 */
#include "entry.h"

#define KERNEL_DS 0xe021

    .text
    .globl trap_stubs
    .balign 16
trap_stubs:
    .set nr, 0
    .rept ENTRY_STUBS
    .balign ENTRY_STUB_SIZE
    pushl $nr
    jmp trap_common
    .set nr, nr + 1
    .endr

/* EFLAGS first: what the handler is entered with is itself under test. */
trap_common:
    pushfl
    cld
    pushal
    pushl %ds
    pushl %es
    pushl %fs
    pushl %gs
    mov $KERNEL_DS, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %esp, %eax
    mov %esp, %ebp
    and $-16, %esp
    sub $12, %esp
    push %eax
    call trap_c
    ud2

/*
 * void leave_by(const void *block, void *stack, ul size): moves the block to where it ends at the stack that is
 * returned to (it may overlap, so from its end), and leaves by HYPERVISOR_iret. An event that comes meanwhile
 * pushes below both.
 */
    .globl leave_by
leave_by:
    mov 4(%esp), %esi
    mov 8(%esp), %edi
    mov 12(%esp), %ecx
    mov %edi, %edx
    lea -4(%esi, %ecx), %esi
    lea -4(%edi, %ecx), %edi
    shr $2, %ecx
    std
    rep movsl
    cld
    mov %edx, %esp
    pop %gs
    pop %fs
    pop %es
    pop %ds
    pop %edi
    pop %esi
    pop %ebp
    pop %ebx /* the handler's own esp */
    pop %ebx
    pop %edx
    pop %ecx
    mov $23, %eax
    int $0x82
    ud2

/* void user_enter(struct context *): returns when user_leave() runs, on the next way in. */
    .globl user_enter
user_enter:
    mov 4(%esp), %eax
    push %ebx
    push %ebp
    push %esi
    push %edi
    mov %esp, user_saved_esp
    push %eax
    call context_switch
    ud2

    .globl user_leave
user_leave:
    mov user_saved_esp, %esp
    pop %edi
    pop %esi
    pop %ebp
    pop %ebx
    ret

    .macro ARGUMENTS
    push %ebx
    push %esi
    push %edi
    mov 16(%esp), %eax
    mov 20(%esp), %ebx
    mov 24(%esp), %ecx
    mov 28(%esp), %edx
    mov 32(%esp), %esi
    mov 36(%esp), %edi
    .endm

    .macro RETURN
    pop %edi
    pop %esi
    pop %ebx
    ret
    .endm

/* long hypercall(nr, a1 .. a5): a bare INT 0x82. */
    .globl hypercall
hypercall:
    ARGUMENTS
    int $0x82
    RETURN

/* The same through the stub that the hypervisor wrote into our hypercall page. */
    .globl hypercall_by_page
hypercall_by_page:
    ARGUMENTS
    shl $5, %eax
    add $hypercall_page, %eax
    call *%eax
    RETURN

    .bss
    .balign 4
user_saved_esp:
    .skip 4

    .section .note.GNU-stack, "", @progbits
