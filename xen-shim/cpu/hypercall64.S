/* SPDX-License-Identifier: MIT */
/*
 * The hypercalls that a 64-bit kernel makes most, without a frame for C: mmu_update of one entry, what
 * a switch of processes takes (base pointers, segment bases, the kernel's stack), and a flush of this
 * vCPU's.  Included by syscall64.S, which comes here with RSP at the CPU's frame, and what is entered as
 * it says there.
 *
 * Each does what its handler in C does in the ordinary case.  Whatever else is the case is found before
 * anything has changed, and the call goes the slow way from the start.
 */

#define MSR_FS_BASE 0xc0000100

/* RCX and R11 go to the frame and are free from here on.  To the slow way where the way back to the
 * guest has more to do: nothing that follows makes it so. */
    .macro QUICK_CALL
    cmpl $1, CALL_V(VCPU_MODE, 0) /* the kernel's; no NMI, no odd selectors, no odd stack */
    jne syscall_slow
    movq %rcx, CPU(CPU_RIP, 0)
    movq %r11, CPU(CPU_RFLAGS, 0)
    movq CALL_V(VCPU_RUNSTATE_SEEN, 0), %rcx
    cmpq CALL_LOBBY(LOBBY_RUNSTATE_ENTRY, 0), %rcx
    jne quick_slow
    movq CALL_V(VCPU_VI, 0), %rcx
    cmpw $1, (%rcx) /* an event pending, and not masked */
    je quick_slow
    .endm

/*
 * mmu_update of one entry, of the kind that Linux sets ptes by: a store into a pinned level-1 table
 * (mmu.c, store_in_l1), which may keep A and D.
 */
    .balign 64
not_iret:
    cmpq $1, %rax /* __HYPERVISOR_mmu_update */
    jne not_mmu_update
    cmpq $1, %rsi
    jne syscall_slow
    testq %rdx, %rdx /* nobody wants to know how many were done */
    jnz syscall_slow
    cmpq $0x7ff0, %r10 /* DOMID_SELF */
    jne syscall_slow
    QUICK_CALL
    cmpq hole_end(%rip), %rdi /* elsewhere it's no kernel's of today */
    jb quick_slow
1:  movq (%rdi), %rax
    movq 8(%rdi), %r11
2:  testb $(7 & ~MMU_PRESERVE_AD), %al
    jnz mmu_update_slow
    movq %rax, %rcx
    shrq $PAGE_SHIFT, %rcx
    cmpq m2p_end(%rip), %rcx
    jae mmu_update_slow
    addq frame_states(%rip), %rcx
    cmpb $(FRAME_RAM + 1), (%rcx) /* and nothing else; what is pinned is in the direct map */
    jne mmu_update_slow
    testb $1, %r11b /* present: then to memory of the guest's */
    jz 3f
    movq %r11, %rcx
    shlq $12, %rcx
    shrq $24, %rcx
    cmpq m2p_end(%rip), %rcx
    jae mmu_update_slow
    addq frame_states(%rip), %rcx
    testb $FRAME_RAM, (%rcx)
    jz mmu_update_slow
3:  addq direct_map(%rip), %rax
    testb $MMU_PRESERVE_AD, %al
    jnz store_keeping_ad
    movq %r11, (%rax)
mmu_updated:
    COUNT COUNT_HYPERCALL
    COUNT COUNT_PT_WRITE
quick_done: /* the result is 0 */
    xorl %eax, %eax
    movq CPU(CPU_RIP, 0), %rcx
    movq CPU(CPU_RFLAGS, 0), %r11
    IRETQ_TO_GUEST

store_keeping_ad:
    leaq -MMU_PRESERVE_AD(%rax), %rcx
    movq (%rcx), %rax
4:  movl %eax, %edx
    andl $PTE_AD, %edx
    orq %r11, %rdx
    lock cmpxchgq %rdx, (%rcx)
    jne 4b
    xorl %edx, %edx /* as it was */
    jmp mmu_updated

mmu_update_slow:
    movl $1, %eax
quick_slow: /* RAX is the number */
    movq CPU(CPU_RIP, 0), %rcx
    movq CPU(CPU_RFLAGS, 0), %r11
    jmp syscall_slow
    .pushsection .extable, "a"
    .quad 1b, 2b, mmu_update_slow
    .popsection
    .pushsection .rodata
    .balign 8
frame_states:
    .quad FRAME_STATES
direct_map:
    .quad DIRECT_MAP
    .popsection

    .balign 64
not_mmu_update:
    cmpq $25, %rax /* __HYPERVISOR_set_segment_base */
    je set_segment_base
    cmpq $3, %rax /* __HYPERVISOR_stack_switch */
    je stack_switch
    cmpq $26, %rax /* __HYPERVISOR_mmuext_op */
    jne syscall_slow

/* mmuext_op of the kinds that mmuext_quick (mmuext.c) does. */
    testq %rdx, %rdx
    jnz syscall_slow
    cmpq $0x7ff0, %r10
    jne syscall_slow
    QUICK_CALL
    CALL_QUICK_WAY QUICK_MMUEXT
    testl %eax, %eax
    jz quick_done
    movl $26, %eax
    jmp quick_slow

/* FS's base, user mode's GS base or selector: segment_base.c.  Of the kernel's own it's rare. */
set_segment_base:
    QUICK_CALL
    cmpl $1, %edi /* SEGBASE_GS_USER; SEGBASE_FS is 0 */
    ja 5f
    movq %rsi, %rax /* canonical: bits 63 to 47 are alike (not every CPU emulated faults at others) */
    sarq $47, %rax
    incq %rax
    cmpq $1, %rax
    ja 2f
    leal MSR_FS_BASE - 0x100000000(%rdi, %rdi), %ecx /* and MSR_KERNEL_GS_BASE */
    movq %rdx, %r11
    movl %esi, %eax
    movq %rsi, %rdx
    shrq $32, %rdx
    wrmsr
    movq %r11, %rdx
    COUNT COUNT_HYPERCALL
    jmp quick_done
2:  movl $25, %eax
    jmp quick_slow
5:  cmpl $3, %edi /* SEGBASE_GS_USER_SEL */
    jne quick_slow
    movzwl %si, %ecx
    swapgs
3:  movl %ecx, %gs
4:  mfence /* as in load_user_gs */
    swapgs
    COUNT COUNT_HYPERCALL
    jmp quick_done
6:  xorl %ecx, %ecx /* a bad one becomes null */
    movl %ecx, %gs
    jmp 4b
    .pushsection .extable, "a"
    .quad 3b, 3b, 6b
    .popsection

/* Of a stack that mmu_check_kernel_stack has seen: callback.c. */
stack_switch:
    QUICK_CALL
    movl %esi, %ecx
    shrl $STACKS_SEEN_SHIFT, %ecx
    andl $(STACKS_SEEN - 1), %ecx
    cmpq %rsi, VCPU_STACKS_SEEN - VCPU_STACK_TOP + VCPU_STRUCT_OFF(%rsp, %rcx, 8)
    jne quick_slow
    movq %rsi, CALL_V(VCPU_KERNEL_SP, 0)
    leaq -SYSCALL_PUSHES(%rsi), %rcx
    movq %rcx, CALL_V(VCPU_TO_SYSCALL + CPU_RSP, 0)
    COUNT COUNT_HYPERCALL
    jmp quick_done
