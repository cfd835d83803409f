/* SPDX-License-Identifier: MIT */
/* What entry.S and C must agree on. */
#ifndef GUEST_ENTRY_H
#define GUEST_ENTRY_H

/* Stubs 0..255 are vectors; the callbacks follow. */
#define ENTRY_EVENT     0x100
#define ENTRY_FAILSAFE  0x101
#define ENTRY_SYSCALL   0x102
#define ENTRY_SYSENTER  0x103
#define ENTRY_SYSCALL32 0x104
#define ENTRY_NMI       0x105
#define ENTRY_STUBS     0x106
#define ENTRY_STUB_SIZE 16

/* Offset of the registers in struct context: behind the nine words of HYPERVISOR_iret. */
#define CTX_GPRS (9 * 8)

#endif
