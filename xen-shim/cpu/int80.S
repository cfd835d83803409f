/* SPDX-License-Identifier: MIT */
/*
 * INT 0x80 of a 32-bit guest's user mode, its system call, given to the guest's kernel in assembly.
 * It does what bounce32_int80 (bounce32.c) and the way out behind it do, where nothing is out of the
 * ordinary: there is a handler, no event is pending or masked, run-state needs no look, the kernel's
 * stack is flat and no word of the frame faults.  Whatever else is the case is found before anything
 * of the guest's has changed but for words below its kernel's stack pointer, and C does all of it.
 * The way back is the kernel's own IRET.  Included by entry.S.
 */
#define INT80_FRAME 20 /* EIP CS EFLAGS ESP SS */

/* The GDT window, seen as struct vcpu is by V. */
#define GDT_ENTRY(offset, pushed) (VCPU_GDT_OFF - VCPU_STACK_TOP + CPU_FRAME + 8 * (pushed))(%rsp, offset)

    .text
    .balign 64
int80_common32: /* RSP: vector and error code, behind them the CPU's frame */
    testb $2, CPU(CPU_CS, 1)
    jz exception_common32 /* the kernel's */
    pushq %rax
    pushq %rdx
    pushq %rcx
    movq V(VCPU_RUNSTATE_SEEN, 4), %rax
    cmpq LOBBY(LOBBY_RUNSTATE_ENTRY, 4), %rax
    jne int80_slow
    movq V(VCPU_VI, 4), %rax
    cmpw $0, (%rax) /* an event pending, or events masked */
    jne int80_slow
    cmpb $0, V(VCPU_NMI_PENDING, 4)
    jne int80_slow
    cmpb $0, V(VCPU_IOPL_ASSIST, 4)
    jne int80_slow
    cmpb $0, verw(%rip) /* the kernel goes to user mode without us, so it is done on the way to it */
    jne int80_slow
    cmpw $3, V(VCPU_INT80_CS, 4)
    jbe int80_slow
    movzwl V(VCPU_KERNEL_SS, 4), %eax
    testb $4, %al
    jnz int80_slow
    cmpl $GDT_LIMIT, %eax
    ja int80_slow
    movl %eax, %edx
    andl $~7, %edx
    movq GDT_ENTRY(%rdx, 4), %rdx
    orq segment_any(%rip), %rdx
    cmpq segment_flat(%rip), %rdx
    jne int80_slow
    movl V(VCPU_KERNEL_SP, 4), %edx
    subl $INT80_FRAME, %edx
    cmpl $(PV32_HOLE_START - INT80_FRAME), %edx
    ja int80_slow
1:  movl CPU(CPU_RIP, 4), %ecx
    movl %ecx, (%rdx)
    movzwl CPU(CPU_CS, 4), %ecx
    movl %ecx, 4(%rdx)
    movl CPU(CPU_RFLAGS, 4), %ecx /* user mode has IF set and IOPL 0, as the frame shall show it */
    movl %ecx, 8(%rdx)
    movl CPU(CPU_RSP, 4), %ecx
    movl %ecx, 12(%rdx)
    movzwl CPU(CPU_SS, 4), %ecx
    movl %ecx, 16(%rdx)
2:  movq %rax, CPU(CPU_SS, 4)
    movq %rdx, CPU(CPU_RSP, 4)
    andl $~HANDLER32_CLEARED, CPU(CPU_RFLAGS, 4)
    movzwl V(VCPU_INT80_CS, 4), %eax
    movq %rax, CPU(CPU_CS, 4)
    movq V(VCPU_INT80_ADDRESS, 4), %rax
    movq %rax, CPU(CPU_RIP, 4)
    movb V(VCPU_INT80_MASK, 4), %al
    movq V(VCPU_VI, 4), %rdx
    movb %al, 1(%rdx)
    popq %rcx
    popq %rdx
    popq %rax
    addq $8, %rsp
    jmp iretq_insn
int80_slow:
    popq %rcx
    popq %rdx
    popq %rax
    jmp exception_common32
    .pushsection .extable, "a"
    .quad 1b, 2b, int80_slow
    .popsection
    .pushsection .rodata
    .balign 8
segment_any: /* what a flat data segment may have */
    .quad SEGMENT_ANY_HIGH << 32
segment_flat:
    .quad SEGMENT_FLAT_HIGH << 32 | SEGMENT_FLAT_LOW
    .popsection

    .balign 64
isolated_int80_32:
    FROM_GUEST isolated_in_shim32
    testb $2, 32(%rsp)
    jz to_own_stack32
    LOAD_KERNEL_TABLE
    TO_OWN_STACK int80_common32
