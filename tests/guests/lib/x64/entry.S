/* SPDX-License-Identifier: MIT */
/*
 * Ways into and out of a test guest. The hypervisor pushes, downwards from a 16-byte boundary,
 *
 *      SS RSP RFLAGS CS RIP [error code] R11 RCX
 *
 * so the low bits of RSP tell whether an error code is there: frame.c relies on nothing else, and
 * thereby finds out about one too many or too few.
 */
#include "entry.h"

    .text
    .globl trap_stubs
    .balign 16
trap_stubs:
    .set nr, 0
    .rept ENTRY_STUBS
    .balign ENTRY_STUB_SIZE
    pushq $nr
    jmp trap_common
    .set nr, nr + 1
    .endr

/* RFLAGS first: what the handler is entered with is itself under test. */
trap_common:
    pushfq
    cld
    push %rax
    push %rbx
    push %rcx
    push %rdx
    push %rsi
    push %rdi
    push %rbp
    push %r8
    push %r9
    push %r10
    push %r11
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, %rdi
    mov %rsp, %rbp
    and $-16, %rsp
    call trap_c
    ud2

/*
 * void context_switch(struct context *): leave by HYPERVISOR_iret. The registers lie above the
 * hypercall's frame, so an event arriving here pushes below both.
 */
    .globl context_switch
context_switch:
    mov %rdi, %rsp
    mov CTX_GPRS + 0 * 8(%rsp), %r15
    mov CTX_GPRS + 1 * 8(%rsp), %r14
    mov CTX_GPRS + 2 * 8(%rsp), %r13
    mov CTX_GPRS + 3 * 8(%rsp), %r12
    mov CTX_GPRS + 5 * 8(%rsp), %r10
    mov CTX_GPRS + 6 * 8(%rsp), %r9
    mov CTX_GPRS + 7 * 8(%rsp), %r8
    mov CTX_GPRS + 8 * 8(%rsp), %rbp
    mov CTX_GPRS + 9 * 8(%rsp), %rdi
    mov CTX_GPRS + 10 * 8(%rsp), %rsi
    mov CTX_GPRS + 11 * 8(%rsp), %rdx
    mov CTX_GPRS + 13 * 8(%rsp), %rbx
    mov $23, %eax
    syscall
    ud2

/* void user_enter(struct context *): returns when user_leave() runs, on the next way in. */
    .globl user_enter
user_enter:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, user_saved_rsp(%rip)
    jmp context_switch

    .globl user_leave
user_leave:
    mov user_saved_rsp(%rip), %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret

/* long hypercall(nr, a1 .. a5): a bare SYSCALL, as recent kernels do it. */
    .globl hypercall
hypercall:
    mov %rdi, %rax
    mov %rsi, %rdi
    mov %rdx, %rsi
    mov %rcx, %rdx
    mov %r8, %r10
    mov %r9, %r8
    syscall
    ret

/* The same through the stub that the hypervisor wrote into our hypercall page. */
    .globl hypercall_by_page
hypercall_by_page:
    mov %rdi, %rax
    shl $5, %rax
    lea hypercall_page(%rip), %r11
    add %r11, %rax
    mov %rsi, %rdi
    mov %rdx, %rsi
    mov %rcx, %rdx
    mov %r8, %r10
    mov %r9, %r8
    jmp *%rax

    .bss
    .balign 8
user_saved_rsp:
    .skip 8

    .section .note.GNU-stack, "", @progbits
