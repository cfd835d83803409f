/* SPDX-License-Identifier: MIT */
/*
 * Every way into the shim, and the ways out.
 *
 * Stack after entry (struct regs, regs.h), high to low:
 *
 *     ss rsp rflags cs rip          pushed by the CPU, or by syscall64.S in its likeness
 *     vector:32 error_code:32       error code pushed by the CPU, or 0
 *     rdi rsi rdx rcx rax r8 r9 r10 r11 rbx rbp r12 r13 r14 r15
 *
 * C handlers take the frame and return the frame to leave by (trap.c: a fault of IRETQ moves it).
 * FS, GS, DS and ES stay the guest's all the time.  Interrupts are off in the shim but for HLT.
 */
#include "layout.h"
#include "asm-offsets.h"

    .macro PUSH_GPRS
    pushq %rdi
    pushq %rsi
    pushq %rdx
    pushq %rcx
    pushq %rax
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    .endm

    .macro POP_GPRS
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rax
    popq %rcx
    popq %rdx
    popq %rsi
    popq %rdi
    .endm

    .macro COUNT counter
#ifdef COUNTING
    lock incq counters + \counter(%rip)
#endif
    .endm

/* Clears the CPU's buffers where its microcode can (speculation.h); any selector that can be
 * written to does. */
    .macro CLEAR_BUFFERS
    COUNT COUNT_VERW
    verw verw_selector(%rip)
    .endm

/* What the CPU pushes and IRETQ takes: struct cpu_frame. */
#define CPU_RIP    0
#define CPU_CS     8
#define CPU_RFLAGS 16
#define CPU_RSP    24
#define CPU_SS     32
#define CPU_FRAME  40

/* A frame, seen from RSP when `pushed` words are below it; struct vcpu and the lobby, when it is one that
 * the CPU pushed. */
#define CPU(field, pushed) (8 * (pushed) + field)(%rsp)
#define V(field, pushed) (VCPU_STRUCT_OFF - VCPU_STACK_TOP + CPU_FRAME + 8 * (pushed) + field)(%rsp)
#define LOBBY(field, pushed) (VCPU_LOBBY_OFF - VCPU_STACK_TOP + CPU_FRAME + 8 * (pushed) + field)(%rsp)

/* IRETQ to the guest: its fault is the guest's, which trap.c knows by this entry of the table. */
    .macro IRETQ_TO_GUEST
9:  iretq
    .pushsection .extable, "a"
    .quad 9b, 9b, iretq_insn
    .popsection
    .endm

    .text

/* Four entries for each vector: for a guest of 64 and of 32 bits, without and with isolation. */
    .macro ENTRY_STUB name, vec, has_error, common
    .balign 16
\name:
    .if \has_error == 0
    pushq $0
    .endif
    movl $\vec, 4(%rsp)
    jmp \common
    .endm

    .macro ENTRY_EXCEPTION vec, has_error=0, common=exception_common
    ENTRY_EXCEPTION_BY \vec, \has_error, \common, isolated_common, \common\()32, isolated_common32
    .endm
    .macro ENTRY_EXCEPTION_BY vec, has_error, plain, isolated, plain32, isolated32
    ENTRY_STUB entry_\vec, \vec, \has_error, \plain
    ENTRY_STUB isolated_\vec, \vec, \has_error, \isolated
    ENTRY_STUB entry32_\vec, \vec, \has_error, \plain32
    ENTRY_STUB isolated32_\vec, \vec, \has_error, \isolated32
    .endm

    ENTRY_EXCEPTION 0
    ENTRY_EXCEPTION 1, 0, own_stack_common
    ENTRY_EXCEPTION 2, 0, own_stack_common
    ENTRY_EXCEPTION 3
    ENTRY_EXCEPTION 4
    ENTRY_EXCEPTION 5
    ENTRY_EXCEPTION 6
    ENTRY_EXCEPTION 7
    ENTRY_EXCEPTION 8, 1
    ENTRY_EXCEPTION 9
    ENTRY_EXCEPTION 10, 1
    ENTRY_EXCEPTION 11, 1
    ENTRY_EXCEPTION 12, 1
    ENTRY_EXCEPTION 13, 1
    ENTRY_EXCEPTION_BY 14, 1, page_fault64, isolated_common, exception_common32, isolated32_page_fault
    ENTRY_EXCEPTION 15
    ENTRY_EXCEPTION 16
    ENTRY_EXCEPTION 17, 1
    ENTRY_EXCEPTION 18
    ENTRY_EXCEPTION 19
    ENTRY_EXCEPTION 20
    ENTRY_EXCEPTION 21, 1
    ENTRY_STUB entry_0x80, 0x80, 0, exception_common
    ENTRY_STUB isolated_0x80, 0x80, 0, isolated_common
    ENTRY_STUB entry32_0x80, 0x80, 0, int80_common32
    ENTRY_STUB isolated32_0x80, 0x80, 0, isolated_int80_32
    ENTRY_EXCEPTION 0xf0
    ENTRY_EXCEPTION 0xf1
    ENTRY_EXCEPTION 0xf2
    ENTRY_EXCEPTION 0xf4
    ENTRY_EXCEPTION 0xf7
    ENTRY_EXCEPTION 0xff

    .balign 64
verw_selector:
    .short SEL_SHIM_DS
    .balign 64
exception_common:
    cld
    PUSH_GPRS
    movq %rsp, %rdi
    call trap_entry /* trap.c */
    movq %rax, %rsp
    .globl leave_shim
leave_shim: /* RSP: struct regs */
    cmpb $0, leave_specially(%rip)
    jne leave_specially_now
    POP_GPRS
    addq $8, %rsp
    .globl iretq_insn
iretq_insn:
    IRETQ_TO_GUEST

/* With isolation, or VERW before user mode. */
leave_specially_now:
    cmpb $0, isolate(%rip)
    jne leave_isolated
    POP_GPRS
    addq $8, %rsp
    testb $2, 8(%rsp)
    jz iretq_insn
    CLEAR_BUFFERS
    jmp iretq_insn

    .balign 64
exception_common32:
    cld
    PUSH_GPRS
    movq %rsp, %rdi
    call trap32_entry /* trap32.c */
    movq %rax, %rsp
leave_shim32: /* the kernel goes to user mode without us, so buffers are cleared before it, too */
    cmpb $0, leave_specially(%rip)
    jne 1f
    POP_GPRS
    addq $8, %rsp
    jmp iretq_insn
1:  cmpb $0, isolate(%rip)
    jne leave_isolated
    POP_GPRS
    addq $8, %rsp
    CLEAR_BUFFERS
    jmp iretq_insn

    .balign 64
hypercall_common32:
    cld
    PUSH_GPRS
    movq %rsp, %rdi
    call compat_hypercall /* abi/compat/compat_hypercall.c */
    movq %rax, %rsp
    jmp leave_shim32

/* From syscall32_stub: RSP is at the CPU's frame, with the selectors of a 64-bit guest's user mode. */
    .globl syscall32_pv32
syscall32_pv32:
    movq $SEL_RING3_CS32, 8(%rsp)
    movq $SEL_RING3_DS32, 32(%rsp)
    pushq $0
    movl $VECTOR_SYSCALL32, 4(%rsp)
    jmp exception_common32

    ENTRY_STUB entry32_0x82, VECTOR_HYPERCALL32, 0, hypercall_common32
/* From ring 1, as the other way out of isolation can't lead here. */
    ENTRY_STUB isolated32_0x82, VECTOR_HYPERCALL32, 0, isolated_hypercall32

/* Start of a guest vCPU: RDI = struct regs on its own stack. */
    .globl enter_guest
enter_guest:
    movq %rdi, %rsp
    jmp leave_shim

#include "syscall64.S"
#include "page_fault64.S"
#include "isolate.S"
#include "int80.S"

/* #DB and NMI come on stacks of their own, from the guest too; the next one would begin there at the
 * top again, while C code still runs: a watchpoint of the guest's that the shim hits, an NMI behind
 * an IRETQ. */
    .text
    .balign 64
own_stack_common:
    FROM_GUEST exception_common
    jmp to_own_stack
own_stack_common32:
    FROM_GUEST exception_common32
    jmp to_own_stack32

/* IDT entry points, for idt_init in cpu.c. */
    .section .rodata
    .balign 8
    .globl idt_entries, idt_entries_end
idt_entries:
    .irp v, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,0x80,0xf0,0xf1,0xf2,0xf4,0xf7,0xff
    .quad \v, entry_\v, isolated_\v, entry32_\v, isolated32_\v
    .endr
    .quad VECTOR_HYPERCALL32, 0, 0, entry32_0x82, isolated32_0x82
idt_entries_end:
