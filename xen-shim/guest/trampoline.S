/* SPDX-License-Identifier: MIT */
/* Another CPU's way from real mode to C. */
#include "layout.h"

#define PHYS(sym) ((sym) - IMAGE_VIRT)

    .section .boot.trampoline, "ax"
/*
 * An AP comes up in real mode at AP_TRAMPOLINE, where start.c copied this.  Plain instructions only:
 * L0 3.4 emulates real mode.
 */
    .code16
    .globl ap_trampoline, ap_trampoline_end
ap_trampoline:
    cli
    xorw %ax, %ax
    movw %ax, %ds
    lgdtl AP_TRAMPOLINE + (ap_gdtr - ap_trampoline)
    movl %cr0, %eax
    orl $1, %eax
    movl %eax, %cr0
    ljmpl $8, $PHYS(ap_start32)
    .balign 8
ap_gdt:
    .quad 0
    .quad 0x00cf9b000000ffff /* 8: 32-bit code */
    .quad 0x00cf93000000ffff /* 16: data */
ap_gdtr:
    .short 23
    .long AP_TRAMPOLINE + (ap_gdt - ap_trampoline)
ap_trampoline_end:

    .code32
ap_start32:
    movl $16, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl %eax, %fs /* what real mode left there, L0 3.4 goes on emulating for */
    movl %eax, %gs
    movl $PHYS(ap_boot_stack_top), %esp /* one AP at a time */
    movl $0x80000001, %eax
    cpuid
    movl %edx, %ebp
    call enter_long_mode
    lgdt PHYS(boot_gdtr)
    ljmp $8, $PHYS(ap_start64_low)

    .code64
ap_start64_low:
    movabsq $1f, %rax
    jmp *%rax
1:  lgdt boot_gdtr_high(%rip)
    movl $16, %eax
    movl %eax, %ss
    xorl %eax, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %fs
    movl %eax, %gs
    movq ap_stack(%rip), %rsp
    xorl %ebp, %ebp
    call ap_main /* start.c; does not return */
    ud2

/* The return address of one call. */
    .bss
    .balign 8
    .skip 64
ap_boot_stack_top:
