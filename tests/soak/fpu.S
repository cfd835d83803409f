/* SPDX-License-Identifier: MIT */
/* fpu_round of thread.c, for both word sizes.  Offsets of struct fpu are checked there. */
#define X87 256
#define MXCSR 304
#define CONTROL 308

#ifdef __x86_64__
#define IN %rsi
#define OUT %rdi
#define LAST_XMM 15
#else
#define IN %esi
#define OUT %edi
#define LAST_XMM 7
#endif

    .text
    .globl fpu_round
    .type fpu_round, @function
fpu_round:
#ifdef __x86_64__
    push %rbx
    xchg %rdi, %rsi
    mov %edx, %ebx
#else
    push %ebx
    push %esi
    push %edi
    mov 16(%esp), %esi
    mov 20(%esp), %edi
    mov 24(%esp), %ebx
#endif
    fninit
    fldcw CONTROL(IN)
    ldmxcsr MXCSR(IN)
    .altmacro
    .macro LOAD n
    movdqu \n*16(IN), %xmm\n
    .endm
    .macro STORE n
    movdqu %xmm\n, \n*16(OUT)
    .endm
    .set i, 0
    .rept LAST_XMM + 1
    LOAD %i
    .set i, i + 1
    .endr
    .irp n, 0, 1, 2, 3, 4, 5
    fldl X87 + \n * 8(IN)
    .endr
#ifdef __x86_64__
    mov $24, %eax /* sched_yield */
    syscall
#else
    mov $158, %eax
    int $0x80
#endif
1:  pause
    dec %ebx
    jnz 1b
    .irp n, 5, 4, 3, 2, 1, 0
    fstpl X87 + \n * 8(OUT)
    .endr
    .set i, 0
    .rept LAST_XMM + 1
    STORE %i
    .set i, i + 1
    .endr
    stmxcsr MXCSR(OUT)
    fnstcw CONTROL(OUT)
    fninit
#ifdef __x86_64__
    pop %rbx
#else
    pop %edi
    pop %esi
    pop %ebx
#endif
    ret

    .section .note.GNU-stack, "", @progbits
