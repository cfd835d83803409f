/* SPDX-License-Identifier: MIT */
/* L0's hypercall page; filled by L0 when l0.c writes the MSR. */
    .section .text.page, "ax"
    .balign 4096
    .globl l0_hypercall_page
l0_hypercall_page:
    .skip 4096, 0xcc
