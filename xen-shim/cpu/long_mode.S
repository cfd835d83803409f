/* SPDX-License-Identifier: MIT */
/* Into long mode, for boot.S and for each other CPU (trampoline.S).  Physical addresses are
 * symbol - IMAGE_VIRT. */
#include "layout.h"

#define PHYS(sym) ((sym) - IMAGE_VIRT)

    .section .boot.long_mode, "ax"
    .code32
/* EBP: CPUID 0x80000001 EDX.  Uses EAX, ECX, EDX. */
    .globl enter_long_mode
enter_long_mode:
    movl $0x620, %eax /* PAE, OSFXSR, OSXMMEXCPT */
    movl %eax, %cr4
    movl $PHYS(boot_l4), %eax
    movl %eax, %cr3
    movl $0xc0000080, %ecx
    rdmsr
    orl $0x101, %eax /* SCE, LME */
    btl $20, %ebp
    jnc 1f
    orl $0x800, %eax /* NXE */
1:  wrmsr
    movl $0x80010033, %eax /* PG WP NE ET MP PE */
    movl %eax, %cr0
    ret

    .balign 8
boot_gdt:
    .quad 0
    .quad 0x00af9b000000ffff /* 8: 64-bit code */
    .quad 0x00cf93000000ffff /* 16: data */
    .globl boot_gdtr, boot_gdtr_high
boot_gdtr:
    .short 23
    .long PHYS(boot_gdt)
boot_gdtr_high:
    .short 23
    .quad boot_gdt
