/* SPDX-License-Identifier: MIT */
/*
 * What differs between the widths of a test guest, 32 bits with PAE: see lib/x64/arch.h. The kernel
 * runs in ring 1 at 3 GiB, user mode in ring 3 of the same tables, and the hypervisor's hole begins
 * at 0xf5800000.
 */
#ifndef GUEST_ARCH_H
#define GUEST_ARCH_H

#include "hypercall.h"

#define GUEST_BITS  32
#define GUEST_MAGIC "xen-3.0-x86_32p"

#define VIRT_BASE     0xc0000000UL
#define HYPERVISOR_AT 0xf5800000UL
#define M2P           ((const ul *)HYPERVISOR_AT)
#define M2P_END       0xffe00000UL
#define TOP_LEVEL     3

#define IN_HYPERVISOR 0xff000000UL
#define IN_HOLE       0xffc00000UL
#define HOLE_LAST     IN_HOLE
#define BAD_CODE      IN_HYPERVISOR
#define NO_TABLE      0x3fe00000UL
#define UNMAPPED      (VIRT_BASE + 0x1f000000UL)
#define BAD_POINTER   0xe0000000UL
#define BAD_FRAME     0x0fffffffUL

#define KERNEL_CS_SEEN FLAT_KERNEL_CS

#define USER_CS 0xe02b
#define USER_SS 0xe033

/* In the order in which entry.S pushes them; rsp is the handler's own. */
struct gprs {
    ul gs, fs, es, ds, rdi, rsi, rbp, rsp, rbx, rdx, rcx, rax;
};

/* HYPERVISOR_iret takes rax, rip, cs, rflags and, to ring 3, rsp and ss; the rest is loaded before.
 */
struct context {
    struct {
        ul rax, rip, cs, rflags, rsp, ss;
    } f;
    struct gprs regs;
};

#define ARCH_TRAP_FIELDS

#define TRAP_SAVED_MASK(t) ((u8)((t)->cs_slot >> 16))

#define HYPERCALL_BYTES 0xcd, 0x82

#define SZ "l"

#define STEP "pushfl; orl $0x100, (%%esp); popfl; "

#define FIXUP_AT  "movl $9f, trap_resume_rip\n\t"
#define FIXUP_OFF "movl $0, trap_resume_rip"

static inline xen_callback_t callback_at(ul address)
{
    return (xen_callback_t){.cs = FLAT_KERNEL_CS, .eip = address};
}

static inline ul cr3_of(ul mfn)
{
    return xen_pfn_to_cr3(mfn);
}

static inline ul mfn_of_cr3(ul cr3)
{
    return xen_cr3_to_pfn(cr3);
}

static inline long set_timer(u64 ns)
{
    return hc(set_timer_op, (u32)ns, ns >> 32);
}
static inline long update_va_mapping(ul va, u64 pte, ul flags)
{
    return hc(update_va_mapping, va, (u32)pte, pte >> 32, flags);
}
static inline long update_descriptor(u64 maddr, u64 descriptor)
{
    return hc(update_descriptor, (u32)maddr, maddr >> 32, (u32)descriptor, descriptor >> 32);
}
#define ARG64(v) (ul)(v), (ul)((u64)(v) >> 32)

static inline long set_callbacks(ul event, ul failsafe, ul syscall)
{
    (void)syscall;
    return hc(set_callbacks, FLAT_KERNEL_CS, event, FLAT_KERNEL_CS, failsafe);
}

enum {
    START_RAX,
    START_RBX,
    START_RCX,
    START_RDX,
    START_RSI,
    START_RDI,
    START_RBP,
    START_RSP,
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
