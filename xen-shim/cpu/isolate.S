/* SPDX-License-Identifier: MIT */
/*
 * The ways between user mode on a table of its own and the shim (isolate.h).  Included by entry.S.
 *
 * From the guest the CPU pushes its frame on the stack in the lobby.  The kernel's table is loaded if
 * it was user mode, the frame moves to the vCPU's stack, and all is as without isolation.  On the way
 * to user mode the frame goes to the lobby's stack before user mode's table is loaded.
 *
 * Between the change of tables and the change of modes an NMI, a machine check, a debug trap or a fault
 * of the IRETQ can come, from ring 0 with the wrong table: isolated_in_shim.
 */
#define AREA_OF_RSP andq $-VCPU_AREA_SIZE
#define LOBBY_AT(field) VCPU_LOBBY_OFF + field(%rax)
/* Word n, counted down from the top of the lobby's stack. */
#define LOBBY_TOP(n) VCPU_LOBBY_TOP - 8 * (n)(%rax)

/* RAX: the vCPU's area.  RDX is lost. */
    .macro LOAD_KERNEL_TABLE
    movq LOBBY_AT(LOBBY_KERNEL_CR3), %rdx
    movq %rdx, %cr3
    movq $0, LOBBY_AT(LOBBY_LOADED)
    COUNT COUNT_CR3_LOAD
    .endm

/* The same, with words on the lobby's stack, to which RSP goes.  RAX is lost. */
    .macro LOAD_USER_TABLE words
    leaq LOBBY_TOP(\words), %rsp
    movq LOBBY_AT(LOBBY_USER_CR3), %rax
    testq %rax, %rax
    jz 1f
    movq %rax, LOBBY_LOADED + 8 * \words - PAGE_SIZE(%rsp)
    COUNT COUNT_CR3_LOAD
    movq %rax, %cr3
1:
    .endm

/*
 * The registers are user mode's by now.  What an NMI or a debug trap of the kernel or of the shim
 * left on its stack is not: IST_USED is set by trap.c.  One that comes behind this look finds
 * nothing but user mode's registers.  RAX: the vCPU's area.
 */
    .macro CLEAN_IST
    cmpb $0, VCPU_STRUCT_OFF + VCPU_IST_USED(%rax)
    jne 2f
3:  .pushsection .text.unlikely, "ax"
2:  movb $0, VCPU_STRUCT_OFF + VCPU_IST_USED(%rax)
    pushq %rdi
    pushq %rcx
    leaq VCPU_IST_OFF(%rax), %rdi
    pushq %rax
    movl $(4 * VCPU_IST_SIZE / 8), %ecx
    xorl %eax, %eax
    cld
    rep stosq
    popq %rax
    popq %rcx
    popq %rdi
    jmp 3b
    .popsection
    .endm

/* What is behind it until user mode runs is user mode's own, and CR3. */
    .macro CLEAR_BUFFERS_IF_WANTED
    cmpb $0, verw(%rip)
    je 1f
    CLEAR_BUFFERS
1:
    .endm

/* RSP: vector and error code, behind them the CPU's frame.  From the guest: what to_own_stack wants. */
    .macro FROM_GUEST in_shim
    testb $3, 16(%rsp)
    jz \in_shim
    pushq %rax
    pushq %rdx
    movq %rsp, %rax
    AREA_OF_RSP, %rax
    .endm

    .text
/* suffix: of the guest's width. */
    .macro WAYS_IN suffix
    .balign 64
isolated_common\suffix:
    FROM_GUEST isolated_in_shim\suffix
    testb $2, 32(%rsp) /* ring 3: user mode, or a kernel that put itself there; both may be loaded */
    jz to_own_stack\suffix
    LOAD_KERNEL_TABLE
to_own_stack\suffix: /* RSP: RDX, RAX, vector, RIP, CS, RFLAGS, RSP, SS; RAX: the vCPU's area */
    TO_OWN_STACK exception_common\suffix
    .endm

    .macro TO_OWN_STACK common
    .irp n, 1, 2, 3, 4, 5, 6
    movq 64 - 8 * \n(%rsp), %rdx
    movq %rdx, VCPU_STACK_TOP - 8 * \n(%rax)
    .endr
    movq 8(%rsp), %rdx
    movq %rdx, VCPU_STACK_TOP - 56(%rax)
    movq (%rsp), %rdx
    movq $0, 8(%rsp) /* they may be the kernel's */
    movq $0, (%rsp)
    leaq VCPU_STACK_TOP - 56(%rax), %rsp
    popq %rax
    jmp \common
    .endm

    WAYS_IN
    WAYS_IN 32

isolated_hypercall32: /* from ring 1 always */
    pushq %rax
    pushq %rdx
    movq %rsp, %rax
    AREA_OF_RSP, %rax
    TO_OWN_STACK hypercall_common32

/*
 * User mode on the kernel's table: a kernel of 32 bits has gone to it by an IRET of its own, and the
 * first instruction can't be executed there.  The CPU's frame is where the way out wants it, and has
 * a word for RAX.  A fault that isn't of this kind comes again.
 */
isolated32_page_fault:
    testb $2, 16(%rsp)
    jz isolated_common32
    pushq %rax
    movq %rsp, %rax
    AREA_OF_RSP, %rax
    cmpq $0, LOBBY_AT(LOBBY_LOADED)
    jne 1f
    cmpb $0, VCPU_STRUCT_OFF + VCPU_SHOWS_KERNEL_PAGES(%rax)
    jne 1f
    popq (%rsp)
    jmp to_user_from_lobby
1:  popq %rax
    jmp isolated_common32

leave_isolated: /* RSP: struct regs */
    testb $2, REGS_CS(%rsp)
    jnz 1f
    POP_GPRS
    addq $8, %rsp
    jmp iretq_insn
1:  POP_GPRS
    movq %rax, (%rsp)
/* RSP, on the vCPU's stack: RAX, and the CPU's frame.  From syscall64.S too. */
to_user_by_iretq:
    movq %rsp, %rax
    AREA_OF_RSP, %rax
    .irp n, 6, 5, 4, 3, 2, 1
    popq LOBBY_TOP(\n)
    .endr
to_user_from_lobby: /* RAX: the vCPU's area; what it was, and the CPU's frame are in the lobby */
    CLEAN_IST
    CLEAR_BUFFERS_IF_WANTED
    LOAD_USER_TABLE 6
    popq %rax
isolated_iretq:
    iretq

/* The same with RAX, and the RSP of user mode. */
to_user_by_sysret:
    movq %rsp, %rax
    AREA_OF_RSP, %rax
    popq LOBBY_TOP(2)
    popq LOBBY_TOP(1)
    .irp n, 3, 4, 5, 6 /* of the last entry, which may have been the kernel's */
    movq $0, LOBBY_TOP(\n)
    .endr
    CLEAN_IST
    CLEAR_BUFFERS_IF_WANTED
    LOAD_USER_TABLE 2
    popq %rax
    popq %rsp
    sysretq

    .macro IN_SHIM suffix, handler
isolated_in_shim\suffix:
    pushq %rax
    leaq isolated_iretq(%rip), %rax
    cmpq %rax, 16(%rsp)
    jne 1f
    cmpl $1, 12(%rsp)
    je 1f
    cmpl $2, 12(%rsp)
    je 1f
    cmpl $18, 12(%rsp)
    je 1f
    /* The IRETQ's own fault belongs to the context that was to run, whose frame is at the top of the
     * lobby's stack: as if it had happened there. */
    pushq %rdx
    movq %rsp, %rax
    AREA_OF_RSP, %rax
    LOAD_KERNEL_TABLE
    movq 16(%rsp), %rdx
    movq %rdx, LOBBY_TOP(6)
    movq 8(%rsp), %rdx
    movq %rdx, LOBBY_TOP(7)
    movq (%rsp), %rdx
    movq %rdx, LOBBY_TOP(8)
    leaq LOBBY_TOP(8), %rsp
    orl $VECTOR_OF_IRET, 20(%rsp)
    jmp to_own_stack\suffix
1:  popq %rax
    cld
    PUSH_GPRS
    movq %rsp, %rax
    AREA_OF_RSP, %rax
    movq LOBBY_AT(LOBBY_KERNEL_CR3), %rax
    movq %cr3, %rbx
    cmpq %rax, %rbx
    je 2f
    movq %rax, %cr3
2:  movq %rsp, %rdi
    call \handler
    movq %rax, %rsp
    testb $3, REGS_CS(%rsp) /* the fault of an IRETQ to the kernel, moved */
    jnz leave_shim
    movq %cr3, %rax
    cmpq %rax, %rbx
    je 3f
    movq %rbx, %cr3
3:  POP_GPRS
    addq $8, %rsp
    iretq
    .endm

    IN_SHIM , trap_entry
    IN_SHIM 32, trap32_entry
