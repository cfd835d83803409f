/* SPDX-License-Identifier: MIT */
/*
 * From the loader to C: Multiboot 1 and 2 headers, PVH, firmware's place, 32-bit start, first page tables, long mode.
 * Physical addresses are symbol - IMAGE_VIRT; the image runs where it is loaded, at 1 MiB.
 */
#include "layout.h"

#define PHYS(sym) ((sym) - IMAGE_VIRT)

#define MB1_MAGIC 0x1badb002
#define MB1_FLAGS 0x00010003 /* page-aligned modules, memory map, address fields below */
#define MB2_MAGIC 0xe85250d6
#define PVH_MAGIC 0x336ec578 /* XEN_HVM_START_MAGIC_VALUE */

    .section .boot, "ax"
    .balign 8
mb1_header:
    .long MB1_MAGIC, MB1_FLAGS, -(MB1_MAGIC + MB1_FLAGS)
    .long PHYS(mb1_header)  /* header_addr */
    .long PHYS(image_start) /* load_addr */
    .long PHYS(data_end)    /* load_end_addr */
    .long PHYS(image_end)   /* bss_end_addr */
    .long PHYS(start32)     /* entry_addr */

    .balign 8
mb2_header:
    .long MB2_MAGIC, 0, mb2_end - mb2_header, -(MB2_MAGIC + (mb2_end - mb2_header))
    .balign 8
    .short 2, 0 /* address tag */
    .long 24, PHYS(mb2_header), PHYS(image_start), PHYS(data_end), PHYS(image_end)
    .balign 8
    .short 3, 0 /* entry address tag */
    .long 12, PHYS(start32)
    .balign 8
    .short 6, 0 /* modules page aligned */
    .long 8
    .balign 8
    .short 0, 0
    .long 8
mb2_end:

    .code32
/* By Xen itself (XEN_ELFNOTE_PHYS32_ENTRY): as from a Multiboot loader, but EAX is nothing. */
    .globl start32_pvh
start32_pvh:
    movl $PVH_MAGIC, %eax

    jmp start32

/*
 * In the place of hvmloader, as a domain's first program: from address 0 by a jump (L0 up to 4.6)
 * or at once, with flat segments whose descriptors are in no table.  What EBX says is of no use:
 * later L0s describe modules of their own there.
 */
    .globl start32_firmware
start32_firmware:
    cli
    lgdt %cs:PHYS(firmware_gdtr)
    ljmp $8, $PHYS(1f)
1:  movl $16, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl %eax, %fs
    movl %eax, %gs
    movl $FIRMWARE_MAGIC, %eax
    movl $FIRMWARE_INFO, %ebx
    jmp start32
    .balign 8
firmware_gdt:
    .quad 0
    .quad 0x00cf9b000000ffff /* 8: code */
    .quad 0x00cf93000000ffff /* 16: data */
firmware_gdtr:
    .short 23
    .long PHYS(firmware_gdt)

    .globl start32
start32:
    cli
    cld
    movl $PHYS(boot_stack_top), %esp
    movl %eax, %esi /* loader's magic */
    movl %ebx, %edi /* its information structure */

    movl $0x80000000, %eax
    cpuid
    cmpl $0x80000001, %eax
    jb no_long_mode
    movl $0x80000001, %eax
    cpuid
    btl $29, %edx
    jnc no_long_mode
    movl %edx, %ebp

    /* Direct map of 0-4 GiB, 2 MiB pages; the same tables serve as identity map for a moment. */
    movl $PHYS(boot_l2_direct), %ebx
    movl $0xe3, %eax /* P W A D PS */
    movl $2048, %ecx
1:  movl %eax, (%ebx)
    movl $0, 4(%ebx)
    addl $0x200000, %eax
    addl $8, %ebx
    loop 1b

    movl $PHYS(boot_l2_direct) + 0x3, PHYS(boot_l3_direct)
    movl $PHYS(boot_l2_direct) + 0x1003, PHYS(boot_l3_direct) + 8
    movl $PHYS(boot_l2_direct) + 0x2003, PHYS(boot_l3_direct) + 16
    movl $PHYS(boot_l2_direct) + 0x3003, PHYS(boot_l3_direct) + 24

    /* Image window: the first 2 MiB with 4 KiB pages; map.c sets the final rights. */
    movl $PHYS(boot_l1_image), %ebx
    movl $0x63, %eax
    movl $512, %ecx
1:  movl %eax, (%ebx)
    addl $0x1000, %eax
    addl $8, %ebx
    loop 1b
    movl $PHYS(boot_l1_image) + 0x3, PHYS(boot_l2_image)
    movl $PHYS(boot_l2_image) + 0x3, PHYS(boot_l3_image)

    movl $PHYS(boot_l3_direct) + 0x3, PHYS(boot_l4)
    movl $PHYS(boot_l3_image) + 0x3, PHYS(boot_l4) + 257 * 8
    movl $PHYS(boot_l3_direct) + 0x3, PHYS(boot_l4) + 262 * 8

    call enter_long_mode
    lgdt PHYS(boot_gdtr)
    ljmp $8, $PHYS(start64_low)

/* No 64-bit mode: say so on COM1 and in L0's log; HLT with interrupts off by the only vCPU powers the domain off. */
no_long_mode:
    movl $PHYS(no_long_mode_text), %esi
    movw $0x3f8, %dx
1:  lodsb
    testb %al, %al
    jz 2f
    outb %al, %dx
    outb %al, $0xe9
    jmp 1b
2:  cli
    hlt
    jmp 2b
no_long_mode_text:
    .asciz "shim: the host gives this domain no 64-bit CPU; set pae=1 in its configuration\r\n"

    .code64
start64_low:
    movabsq $1f, %rax
    jmp *%rax
1:  lgdt boot_gdtr_high(%rip)
    xorl %eax, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %fs
    movl %eax, %gs
    movl $16, %eax
    movl %eax, %ss
    leaq boot_stack_top(%rip), %rsp
    movq $0, boot_l4(%rip) /* the identity map has done its work */
    movq %cr3, %rax
    movq %rax, %cr3
    xchgl %esi, %edi
    xorl %ebp, %ebp
    call shim_main /* (magic, information) does not return */
    ud2

    .section .bss.page, "aw", @nobits
    .balign 4096
boot_stack:     .skip 4096
boot_stack_top:
