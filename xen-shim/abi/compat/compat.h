/* SPDX-License-Identifier: MIT */
/*
 * Hypercalls of 32-bit guests: their structures become those of 64-bit ones, and the same handlers
 * do the work.  Handlers here are compat_<ABI name>, called with the registers zero-extended; where
 * nothing differs the table has do_<ABI name> itself.  A handler that wants a structure by address
 * finds it in the translation area, which lies at the same address on each vCPU (layout.h).
 */
#ifndef SHIM_COMPAT_H
#define SHIM_COMPAT_H

#include "guest.h"
#include "hypercall.h"
#include "layout32.h"
#include "segment.h"
#include "usercopy.h"

/* INT 0x82 of the guest's kernel, from entry.S: number in EAX, arguments in EBX, ECX, EDX, ESI,
 * EDI, the result in EAX.  Returns the frame to leave the shim by. */
struct regs *compat_hypercall(struct regs *r);

hypercall_fn compat_set_trap_table, compat_set_gdt, compat_stack_switch, compat_set_callbacks,
    compat_update_descriptor, compat_memory_op, compat_multicall, compat_update_va_mapping,
    compat_set_timer_op, compat_xen_version, compat_physdev_op, compat_physdev_op_compat,
    compat_grant_table_op, compat_vm_assist, compat_update_va_mapping_otherdomain, compat_vcpu_op,
    compat_set_segment_base, compat_mmuext_op, compat_nmi_op, compat_sched_op, compat_callback_op;

/* The guest's own addresses end where the hypervisor's begin, however long the list: n is at most
 * 2^32 entries of a structure's size. */
static inline bool range32_ok(u64 addr, u64 n)
{
    return addr + n <= PV32_HOLE_START;
}

/* Return true when all n bytes were copied. */
static inline bool copy_from_guest32(void *dst, u64 src, u64 n)
{
    return range32_ok(src, n) && guest_copy_raw(dst, (const void *)src, n) == 0;
}

static inline bool copy_to_guest32(u64 dst, const void *src, u64 n)
{
    return range32_ok(dst, n) && guest_copy_raw((void *)dst, src, n) == 0;
}

/* A 64-bit argument in two registers. */
static inline u64 wide(u64 lo, u64 hi)
{
    return lo | hi << 32;
}

#endif
