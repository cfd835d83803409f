/* SPDX-License-Identifier: MIT */
/*
 * SYSCALL of the guest, from top to bottom: the stubs that the CPU enters, the two passes of a system
 * call in assembly (given to the guest's kernel, and the iret hypercall back to user mode), and the way
 * to C.  hypercall64.S has the other hypercalls that don't go there.  Included by entry.S.
 *
 * They do what guest_syscall (hypercall.c) and do_iret (iret.c) do, where nothing is out of the
 * ordinary: no event is pending, run-state and user table need no look (v->slow), nothing faults.
 * Whatever else is the case is found before anything of the guest's has changed but for what the
 * slow way, in C, does again: words below the kernel's stack pointer, the event mask.
 *
 * Entered by syscall_stub: RSP is at the stack's top, where the frame lies by which hypercalls in
 * assembly go back to ring 1; its CPU_RSP is the guest's already.  RCX and R11 are the guest's RIP and
 * RFLAGS, interrupts are off.
 *
 * A fault here pushes below RSP, so nothing lives there.
 */

/*
 * SYSCALL, from the guest's kernel (a hypercall) or user mode.  The CPU changed CS, SS, RIP (RCX)
 * and RFLAGS (R11), nothing else: RSP is still the guest's.  This page is mapped at the start of
 * every vCPU's area, so what is RIP-relative here finds the area it runs in.  From 64-bit code it
 * goes on in syscall64.
 */
    .section .text.page, "ax"
    .balign 4096
    .globl syscall_stub
/* At `off` in the area that this code runs in: a distance, whatever the page is mapped at. */
#define AREA(off) syscall_stub + (off)(%rip)
syscall_stub:
    movq %rsp, AREA(VCPU_STACK_TOP + CPU_RSP)
    leaq AREA(VCPU_STACK_TOP), %rsp
    jmp *AREA(VCPU_STRUCT_OFF + VCPU_SYSCALL_ENTRY)
    .globl syscall32_stub
    .balign 64
syscall32_stub: /* CSTAR: SYSCALL in compatibility mode */
    movq %rsp, AREA(VCPU_STACK_TOP + CPU_RSP)
    leaq AREA(VCPU_STACK_TOP), %rsp
    pushq $SEL_USER_DS
    pushq AREA(VCPU_STACK_TOP + CPU_RSP)
    pushq %r11
    pushq $SEL_USER_CS32
    pushq %rcx
    jmp *AREA(VCPU_STRUCT_OFF + VCPU_SYSCALL32_ENTRY)

/* The same when user mode is isolated: see isolate.S. */
    .macro ISOLATED_STUB stub
    cmpq $0, AREA(VCPU_LOBBY_OFF + LOBBY_LOADED)
    je \stub
    movq %rax, AREA(VCPU_LOBBY_OFF + LOBBY_SAVED_RAX)
    movq AREA(VCPU_LOBBY_OFF + LOBBY_KERNEL_CR3), %rax
    movq %rax, %cr3
    movq $0, AREA(VCPU_LOBBY_OFF + LOBBY_LOADED)
    movq AREA(VCPU_LOBBY_OFF + LOBBY_SAVED_RAX), %rax
    jmp \stub
    .endm
    .globl isolated_syscall_stub, isolated_syscall32_stub
    .balign 64
isolated_syscall_stub:
    ISOLATED_STUB syscall_stub
    .balign 64
isolated_syscall32_stub:
    ISOLATED_STUB syscall32_stub
    .balign 4096

/* struct vcpu and the lobby, seen from RSP when `pushed` words are below the frame at the stack's top. */
#define CALL_V(field, pushed) (VCPU_STRUCT_OFF - VCPU_STACK_TOP + 8 * (pushed) + field)(%rsp)
#define CALL_LOBBY(field, pushed) (VCPU_LOBBY_OFF - VCPU_STACK_TOP + 8 * (pushed) + field)(%rsp)

/* A function of C's that needs no frame and is told to us at start: quick.h. */
    .macro CALL_QUICK_WAY way
    pushq %rdi
    pushq %rsi
    pushq %rdx
    pushq %r8
    pushq %r9
    pushq %r10
    call *quick_ways+\way(%rip)
    popq %r10
    popq %r9
    popq %r8
    popq %rdx
    popq %rsi
    popq %rdi
    .endm

    .text
    .balign 64
    .globl syscall64
syscall64:
    cmpq $0, CALL_V(VCPU_MODE, 0)
    jne from_kernel
from_user:
    pushq %rax
    pushq %rdx
    movq CALL_V(VCPU_RUNSTATE_SEEN, 2), %rax
    cmpq CALL_LOBBY(LOBBY_RUNSTATE_ENTRY, 2), %rax
    jne syscall_slow_pop
    movq CALL_V(VCPU_VI, 2), %rax
    cmpw $0, (%rax) /* an event pending, or events masked */
    jne syscall_slow_pop
    movb CALL_V(VCPU_SYSCALL_MASK, 2), %dl
    movb %dl, 1(%rax)
    movq CALL_V(VCPU_TO_SYSCALL + CPU_RSP, 2), %rdx
    movq CPU(CPU_RSP, 2), %rax
1:  movq $SEL_USER_DS, 48(%rdx)
    movq %rax, 40(%rdx)
    movq %r11, 32(%rdx) /* user mode has IF set and IOPL 0, as the frame shall show it */
    movq $SEL_USER_CS, 24(%rdx)
    movq %rcx, 16(%rdx)
    movq %r11, 8(%rdx)
    movq %rcx, (%rdx)
2:  COUNT COUNT_SYSCALL
    movl %r11d, %eax
    andl $~SYSCALL_CLEARS, %eax
    movq %rax, CALL_V(VCPU_TO_SYSCALL + CPU_RFLAGS, 2)
    movb $1, CALL_V(VCPU_MODE, 2)
    swapgs
    popq %rdx
    popq %rax
    leaq CALL_V(VCPU_TO_SYSCALL, 0), %rsp /* in struct vcpu: this IRETQ can't fault */
    iretq
    .pushsection .extable, "a"
    .quad 1b, 2b, syscall_slow_unmask
    .popsection

/* struct iret_context, where the guest's RSP points. */
#define IRET_RAX    0
#define IRET_R11    8
#define IRET_RCX    16
#define IRET_FLAGS  24
#define IRET_RIP    32
#define IRET_CS     40
#define IRET_RFLAGS 48
#define IRET_RSP    56
#define IRET_SS     64

/* A hypercall: iret here, some in hypercall64.S, the others in C.  (Or a system call with something out
 * of the ordinary, which each look at the mode finds.) */
    .macro FROM_KERNEL suffix, isolated=0, verw=0
from_kernel\suffix:
    cmpq $23, %rax /* __HYPERVISOR_iret */
    jne not_iret
    cmpq $1, CALL_V(VCPU_MODE, 0)
    jne iret_choose\suffix
iret_chosen\suffix:
    movq CPU(CPU_RSP, 0), %rax
    movq %rcx, CPU(CPU_RIP, 0)
    cmpq hole_end(%rip), %rax /* where kernels that have user mode have their stacks */
    jb iret_slow
1:  movl IRET_RFLAGS(%rax), %r11d
    movzwl IRET_CS(%rax), %ecx
    testl $FLAG_IF, %r11d /* events masked in user mode */
    jz iret_slow
    testb $1, IRET_FLAGS + 1(%rax) /* VGCF_in_syscall */
    jnz iret_in_syscall\suffix
    pushq IRET_SS(%rax)
    orb $3, (%rsp)
    pushq IRET_RSP(%rax)
    andl $IRET_FLAGS_KEPT, %r11d
    pushq %r11
    pushq %rcx
    incl %ecx
    testb $3, %cl /* to the kernel */
    jnz iret_slow
    pushq IRET_RIP(%rax)
    pushq IRET_RAX(%rax)
    movq IRET_R11(%rax), %r11
    movq IRET_RCX(%rax), %rcx
2:  movq CALL_V(VCPU_VI, 6), %rax
    movb $0, 1(%rax)
    cmpb $0, (%rax) /* who raises one after this look sends an IPI */
    jne iret_slow
    COUNT COUNT_IRET
    movw $0, CALL_V(VCPU_NMI_MASKED, 6) /* and the mode */
    swapgs
    .if \isolated
    jmp to_user_by_iretq /* isolate.S */
    .else
    .if \verw
    CLEAR_BUFFERS
    .endif
    popq %rax
    IRETQ_TO_GUEST
    .endif

/*
 * RCX and R11 become what SYSRET wants there anyway.  With TF it would trap too early, RF and VM it
 * can't set, and a RIP that isn't canonical would fault in ring 0 on some CPUs.
 */
iret_in_syscall\suffix:
    testl $~SYSRET_FLAGS, %r11d
    jnz iret_slow
    notl %ecx
    testb $(SEL_USER_CS & ~SEL_USER_CS32 | 3), %cl /* to the kernel, or to compatibility mode */
    jnz iret_slow
    pushq IRET_RSP(%rax)
    pushq IRET_RAX(%rax)
    movq IRET_RIP(%rax), %rcx /* read once: another vCPU may write it */
    cmpq low_end(%rip), %rcx
    jae iret_slow
3:  movq CALL_V(VCPU_VI, 2), %rax
    movb $0, 1(%rax)
    cmpb $0, (%rax) /* who raises one after this look sends an IPI */
    jne iret_slow
    COUNT COUNT_IRET
    movw $0, CALL_V(VCPU_NMI_MASKED, 2)
    swapgs
    .if \isolated
    jmp to_user_by_sysret
    .else
    .if \verw
    CLEAR_BUFFERS
    .endif
    popq %rax
    popq %rsp
    sysretq
    .endif

/* When an L4 was loaded or changed: user mode's table is chosen, and most often is the kernel's still. */
iret_choose\suffix:
    cmpl $1, CALL_V(VCPU_MODE, 0)
    jne syscall_slow
    cmpl $MODE_TABLE_DIRTY, CALL_V(VCPU_MODE + 4, 0)
    jne syscall_slow
    movq %rcx, CPU(CPU_RIP, 0)
    movq %r11, CPU(CPU_RFLAGS, 0)
    pushq %rdi
    leaq CALL_V(0, 1), %rdi
    CALL_QUICK_WAY QUICK_CHOOSE
    popq %rdi
    movq CPU(CPU_RIP, 0), %rcx
    movq CPU(CPU_RFLAGS, 0), %r11
    cmpq $1, CALL_V(VCPU_MODE, 0)
    je iret_chosen\suffix
    jmp iret_slow
    .pushsection .extable, "a"
    .quad 1b, 2b, iret_slow
    .quad iret_in_syscall\suffix, 3b, iret_slow
    .popsection
    .endm

    FROM_KERNEL

    .pushsection .rodata
    .balign 8
low_end:
    .quad LOW_END
hole_end:
    .quad HOLE_END
    .popsection

#include "hypercall64.S"

    .balign 64
    .globl syscall64_isolated
syscall64_isolated:
    cmpq $0, CALL_V(VCPU_MODE, 0)
    je from_user
    FROM_KERNEL _isolated, isolated=1

    .balign 64
    .globl syscall64_verw
syscall64_verw:
    cmpq $0, CALL_V(VCPU_MODE, 0)
    je from_user
    FROM_KERNEL _verw, verw=1

iret_slow: /* up to six words were pushed */
    andq $~0xff, %rsp
    orq $(VCPU_STACK_TOP & 0xff), %rsp
    movq CPU(CPU_RIP, 0), %rcx
    movl $23, %eax
    jmp syscall_slow
syscall_slow_unmask: /* as it was when we looked */
    movq CALL_V(VCPU_VI, 2), %rax
    movb $0, 1(%rax)
syscall_slow_pop:
    popq %rdx
    popq %rax
syscall_slow:
    pushq $SEL_USER_DS
    pushq CPU(CPU_RSP, 1)
    pushq %r11
    pushq $SEL_USER_CS
    pushq %rcx
    jmp syscall_common

    .balign 64
    .globl syscall_common
syscall_common: /* RSP: the CPU's frame; the slow way for all */
    pushq $0
    PUSH_GPRS
    movq %rsp, %rdi
    call syscall_entry /* hypercall.c */
    movq %rax, %rsp
    jmp leave_shim
