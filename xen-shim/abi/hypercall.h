/* SPDX-License-Identifier: MIT */
/* The hypercall table and what its handlers share.  Handlers are do_<ABI name>, in the file that
 * owns the subject; arguments are the raw registers; the result is the guest's RAX. */
#ifndef SHIM_HYPERCALL_H
#define SHIM_HYPERCALL_H

#include "count.h"
#include "shim.h"
#include "vcpu.h"

typedef s64 hypercall_fn(u64 a1, u64 a2, u64 a3, u64 a4, u64 a5);

hypercall_fn do_set_trap_table, do_mmu_update, do_set_gdt, do_stack_switch, do_set_callbacks,
    do_fpu_taskswitch, do_sched_op_compat, do_set_debugreg, do_get_debugreg, do_update_descriptor,
    do_memory_op, do_multicall, do_update_va_mapping, do_set_timer_op, do_event_channel_op_compat,
    do_xen_version, do_console_io, do_physdev_op_compat, do_grant_table_op, do_vm_assist,
    do_vcpu_op, do_set_segment_base, do_mmuext_op, do_nmi_op, do_sched_op, do_callback_op,
    do_event_channel_op, do_physdev_op, do_xenpmu_op, do_control_op, do_denied_op, do_arch_7,
    do_xenoprof_op, do_update_va_mapping_otherdomain;

/* Calls that a multicall counts as a unit of work (preempt.h): they count their own, or are as
 * small as the others of a kernel's batches.  Any other may be a call to L0. */
#define SMALL_CALLS                                                                                \
    (1UL << __HYPERVISOR_mmu_update | 1UL << __HYPERVISOR_mmuext_op |                              \
     1UL << __HYPERVISOR_memory_op | 1UL << __HYPERVISOR_grant_table_op |                          \
     1UL << __HYPERVISOR_update_va_mapping | 1UL << __HYPERVISOR_update_descriptor |               \
     1UL << __HYPERVISOR_stack_switch | 1UL << __HYPERVISOR_fpu_taskswitch |                       \
     1UL << __HYPERVISOR_set_segment_base)

#define NR_HYPERCALLS 64

/* Rows of every table. */
#define NOT_FOR_GUESTS                                                                             \
    [__HYPERVISOR_platform_op] = do_control_op, [__HYPERVISOR_xenoprof_op] = do_xenoprof_op,       \
    [__HYPERVISOR_sysctl] = do_control_op, [__HYPERVISOR_domctl] = do_control_op,                  \
    [__HYPERVISOR_kexec_op] = do_denied_op, [__HYPERVISOR_hypfs_op] = do_denied_op,                \
    [__HYPERVISOR_arch_0] = do_denied_op /* mca */,                                                \
    [__HYPERVISOR_arch_7] = do_arch_7 /* nobody's; the shim's own test */

/* By number; -ENOSYS where a table has none. */
static inline s64 hypercall_of(hypercall_fn *const table[NR_HYPERCALLS], u64 nr, u64 a1, u64 a2,
                               u64 a3, u64 a4, u64 a5)
{
    if (unlikely(nr >= NR_HYPERCALLS || !table[nr]))
        return -XEN_ENOSYS;
    if (nr == __HYPERVISOR_multicall)
        COUNT(multicall);
    else
        COUNT(hypercall);
    return table[nr](a1, a2, a3, a4, a5);
}

/* iret.c: not a call that returns to its caller, so it changes the frame. */
void do_iret(struct vcpu *v, struct regs *r);
/* The same of a 32-bit guest. */
void do_iret32(struct vcpu *v, struct regs *r);

/* From entry.S. */
struct regs *syscall_entry(struct regs *r);

#endif
