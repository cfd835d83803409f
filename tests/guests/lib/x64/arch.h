/* SPDX-License-Identifier: MIT */
/*
 * What differs between the widths of a test guest, 64 bits: the layout of its space, registers, the
 * hypervisor's frames. lib/x32/arch.h has the same names. A register's field has its 64-bit name in
 * both.
 */
#ifndef GUEST_ARCH_H
#define GUEST_ARCH_H

#include "hypercall.h"

#define GUEST_BITS  64
#define GUEST_MAGIC "xen-3.0-x86_64"

#define VIRT_BASE 0xffffffff80000000UL
#define M2P       ((const ul *)0xffff800000000000UL)
#define M2P_END   0xffff804000000000UL
#define TOP_LEVEL 4

/* In the hypervisor's part of the address space, not mapped. */
#define IN_HYPERVISOR 0xffff830000000000UL
#define IN_HOLE       0xffff810000000000UL
#define HOLE_LAST     (0xffff880000000000UL - 8) /* the shim has nothing there, either */
/* A pointer that no mapping of ours covers, in the guest's part. */
/* No handler can be there. */
#define BAD_CODE 0x800000000000UL
/* Not even the top table has anything for it. */
#define NO_TABLE 0x7f0000000000UL
/* An address that nothing maps, behind the kernel. */
#define UNMAPPED    (VIRT_BASE + 0x3f000000UL)
#define BAD_POINTER 0xffffc00000000000UL
/* A number of a frame that no machine has. */
#define BAD_FRAME 0xfffffffffUL

/* The kernel's CS as frames show it. */
#define KERNEL_CS_SEEN (FLAT_KERNEL_CS & ~3)

#define USER_CS 0xe033
#define USER_SS 0xe02b

/* In the order in which entry.S pushes them. */
struct gprs {
    u64 r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
};

/* The nine words that HYPERVISOR_iret takes, then the registers it doesn't restore. */
struct context {
    struct iret_context f;
    struct gprs regs;
};

/* Those of struct trap that only this width has: the two slots below RIP or the error code. */
#define ARCH_TRAP_FIELDS u64 slot_rcx, slot_r11;

/* The CS slot carries the selector and the upcall mask that was in force. */
#define TRAP_SAVED_MASK(t) ((u8)((t)->cs_slot >> 32))

/* The instruction of a hypercall. */
#define HYPERCALL_BYTES 0x0f, 0x05

/* The suffix of a stack slot's size. */
#define SZ "q"

/* Sets TF: the instruction behind the next one is trapped at. */
#define STEP "pushfq; orq $0x100, (%%rsp); popfq; "

#define FIXUP_AT  "movq $9f, trap_resume_rip(%%rip)\n\t"
#define FIXUP_OFF "movq $0, trap_resume_rip(%%rip)"

/* A callback or a trap's handler, in the form that a structure of the ABI has it. */
static inline xen_callback_t callback_at(ul address)
{
    return address;
}

/* CR3's value for a top table. */
static inline ul cr3_of(ul mfn)
{
    return mfn << 12;
}

static inline ul mfn_of_cr3(ul cr3)
{
    return cr3 >> 12;
}

/* Hypercalls with an argument of 64 bits: one register here, two with 32 bits. */
static inline long set_timer(u64 ns)
{
    return hc(set_timer_op, ns);
}
static inline long update_va_mapping(ul va, u64 pte, ul flags)
{
    return hc(update_va_mapping, va, pte, flags);
}
static inline long update_descriptor(u64 maddr, u64 descriptor)
{
    return hc(update_descriptor, maddr, descriptor);
}
/* The same among the arguments of a multicall's entry. */
#define ARG64(v) (v)

/* 32 bits have none for SYSCALL. */
static inline long set_callbacks(ul event, ul failsafe, ul syscall)
{
    return hc(set_callbacks, event, failsafe, syscall);
}

/* Registers at the entry point, by start_regs[]. */
enum {
    START_RAX,
    START_RBX,
    START_RCX,
    START_RDX,
    START_RSI,
    START_RDI,
    START_RBP,
    START_RSP,
    START_R8,
    START_R9,
    START_R10,
    START_R11,
    START_R12,
    START_R13,
    START_R14,
    START_R15,
    START_RFLAGS,
    START_DS,
    START_ES,
    START_FS,
    START_GS,
    START_SS,
    START_CS,
};
extern ul start_regs[];

#endif
