/* SPDX-License-Identifier: MIT */
/*
 * Page faults of a 64-bit guest's user mode, without isolation, given to its kernel: a page that isn't
 * there, and one of the lower half that is to be copied.  They do what trap_entry, bounce_page_fault and
 * push_frame do where nothing is out of the ordinary; whatever else is the case is found before anything
 * of the guest's has changed but for words below the kernel's stack pointer, and goes to C from the start.
 * Included by entry.S; RSP is at the error code.
 */
#define PF_P 1
#define PF_W 2
#define PF_U 4

    .text
    .balign 64
page_fault64:
    testb $2, 16(%rsp) /* of ring 3, and not a kernel that put itself there */
    jz exception_common
    cmpq $0, V(VCPU_MODE, 1)
    jne exception_common
    testb $PF_P, (%rsp)
    jnz page_to_copy
user_page_fault:
    pushq %rax
    pushq %rdx
    movq V(VCPU_RUNSTATE_SEEN, 3), %rax
    cmpq LOBBY(LOBBY_RUNSTATE_ENTRY, 3), %rax
    jne page_fault_slow
    movq V(VCPU_VI, 3), %rax
    cmpw $0, (%rax) /* an event pending, or events masked */
    jne page_fault_slow
    cmpq $0, V(VCPU_PAGE_FAULT, 3)
    je page_fault_slow
    movq %cr2, %rdx
    testq %rdx, %rdx
    js page_fault_slow
    movq %rdx, VI_CR2(%rax)
    movb V(VCPU_PAGE_FAULT_MASK, 3), %dl
    movb %dl, 1(%rax)
    movq V(VCPU_KERNEL_SP, 3), %rdx
    movq 56(%rsp), %rax
1:  movq %rax, -8(%rdx)
    movq 48(%rsp), %rax
    movq %rax, -16(%rdx)
    movq 40(%rsp), %rax
    movq %rax, -24(%rdx) /* user mode has IF set and IOPL 0, as the frame shall show it */
    movq 32(%rsp), %rax
    movq %rax, -32(%rdx)
    movq 24(%rsp), %rax
    movq %rax, -40(%rdx)
    movl 16(%rsp), %eax
    orl $PF_U, %eax /* also what the CPU reads for user mode as a supervisor, such as a descriptor */
    movq %rax, -48(%rdx)
    movq %r11, -56(%rdx)
    movq %rcx, -64(%rdx)
2:  COUNT COUNT_PAGE_FAULT
    subq $64, %rdx
    movq V(VCPU_PAGE_FAULT, 3), %rax
    movq %rax, 24(%rsp)
    movq $SEL_RING1_CS, 32(%rsp)
    andq $~HANDLER_CLEARS, 40(%rsp)
    movq %rdx, 48(%rsp)
    movq $SEL_RING1_DS, 56(%rsp)
    movb $1, V(VCPU_MODE, 3)
    swapgs
    popq %rdx
    popq %rax
    addq $8, %rsp
    IRETQ_TO_GUEST

/* A write to what is there: of a page that the guest has read-only, or shows user mode without U? */
page_to_copy:
    cmpl $(PF_P + PF_W + PF_U), (%rsp)
    jne exception_common
    pushq %rax
    pushq %rcx
    pushq %r11
    pushq %rsi
    pushq %rdi
    movq %cr2, %rsi
    leaq VCPU_STRUCT_OFF - VCPU_STACK_TOP + CPU_FRAME + 8 * 6(%rsp), %rdi
    pushq %rdx
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %rsi
    cld
    call *quick_ways+QUICK_READ_ONLY(%rip)
    testb %al, %al
    popq %rax
    popq %r10
    popq %r9
    popq %r8
    popq %rdx
    popq %rdi
    popq %rsi
    popq %r11
    popq %rcx
    jz 4f
    popq %rax
    jmp user_page_fault
4:  movq %rax, %cr2 /* a walk that led nowhere has changed it */
    popq %rax
    jmp exception_common

3:  movq V(VCPU_VI, 3), %rax
    movb $0, 1(%rax) /* as it was when we looked */
    movq VI_CR2(%rax), %rdx /* the fault of a store has changed it */
    movq %rdx, %cr2
page_fault_slow:
    popq %rdx
    popq %rax
    jmp exception_common
    .pushsection .extable, "a"
    .quad 1b, 2b, 3b
    .popsection
