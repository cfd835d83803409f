// SPDX-License-Identifier: MIT
/* INT 0x82 from the kernel of a 32-bit guest: the table, multicalls, and going on with what was
 * preempted.  hypercall.c has the same for 64-bit guests. */
#include "compat.h"

#include "bounce32.h"
#include "count.h"
#include "preempt.h"
#include "shim.h"

static hypercall_fn *const table[NR_HYPERCALLS] = {
    [__HYPERVISOR_set_trap_table] = compat_set_trap_table,
    [__HYPERVISOR_mmu_update] = do_mmu_update, /* the same structure */
    [__HYPERVISOR_set_gdt] = compat_set_gdt,
    [__HYPERVISOR_stack_switch] = compat_stack_switch,
    [__HYPERVISOR_set_callbacks] = compat_set_callbacks,
    [__HYPERVISOR_fpu_taskswitch] = do_fpu_taskswitch,
    [__HYPERVISOR_sched_op_compat] = do_sched_op_compat,
    [__HYPERVISOR_set_debugreg] = do_set_debugreg,
    [__HYPERVISOR_get_debugreg] = do_get_debugreg,
    [__HYPERVISOR_update_descriptor] = compat_update_descriptor,
    [__HYPERVISOR_memory_op] = compat_memory_op,
    [__HYPERVISOR_multicall] = compat_multicall,
    [__HYPERVISOR_update_va_mapping] = compat_update_va_mapping,
    [__HYPERVISOR_update_va_mapping_otherdomain] = compat_update_va_mapping_otherdomain,
    [__HYPERVISOR_set_timer_op] = compat_set_timer_op,
    [__HYPERVISOR_event_channel_op_compat] = do_event_channel_op_compat,
    [__HYPERVISOR_xen_version] = compat_xen_version,
    [__HYPERVISOR_console_io] = do_console_io,
    [__HYPERVISOR_physdev_op_compat] = compat_physdev_op_compat,
    [__HYPERVISOR_grant_table_op] = compat_grant_table_op,
    [__HYPERVISOR_vm_assist] = compat_vm_assist,
    [__HYPERVISOR_vcpu_op] = compat_vcpu_op,
    [__HYPERVISOR_set_segment_base] = compat_set_segment_base,
    [__HYPERVISOR_mmuext_op] = compat_mmuext_op,
    [__HYPERVISOR_nmi_op] = compat_nmi_op,
    [__HYPERVISOR_sched_op] = compat_sched_op,
    [__HYPERVISOR_callback_op] = compat_callback_op,
    [__HYPERVISOR_event_channel_op] = do_event_channel_op, /* all its structures are the same */
    [__HYPERVISOR_physdev_op] = compat_physdev_op,
    [__HYPERVISOR_xenpmu_op] = do_xenpmu_op,
    NOT_FOR_GUESTS,
};

static s64 call(u32 nr, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5)
{
    return hypercall_of(table, nr, a1, a2, a3, a4, a5);
}

/* Number and five arguments, two to a word; the range has been checked. */
static inline bool read_entry(struct multicall_entry_x86_32 *e, u64 addr)
{
    u64 first, second, third, fourth;
    bool ok = false;

    __asm__ volatile("1: movq %5, %0\n movq %6, %1\n movq %7, %2\n movq %8, %3\n movb $1, %4\n"
                     "2:\n"
                     ".pushsection .extable, \"a\"\n .quad 1b, 2b, 2b\n.popsection"
                     : "=&r"(first), "=&r"(second), "=&r"(third), "=&r"(fourth), "+q"(ok)
                     : "m"(*(const u64 *)addr), "m"(*(const u64 *)(addr + 8)),
                       "m"(*(const u64 *)(addr + 16)), "m"(*(const u64 *)(addr + 24)));
    e->op = (u32)first;
    e->args[0] = (u32)second;
    e->args[1] = (u32)(second >> 32);
    e->args[2] = (u32)third;
    e->args[3] = (u32)(third >> 32);
    e->args[4] = (u32)fourth;
    return ok;
}

/* The range has been checked. */
static inline bool put_result(u64 entry, s64 rc)
{
    u32 result = (u32)rc;
    bool ok = false;

    __asm__ volatile("1: movl %2, %1\n   movb $1, %0\n"
                     "2:\n"
                     ".pushsection .extable, \"a\"\n .quad 1b, 2b, 2b\n.popsection"
                     : "+q"(ok),
                       "=m"(*(u32 *)(entry + offsetof(struct multicall_entry_x86_32, result)))
                     : "r"(result));
    return ok;
}

/* What is left of a preempted entry is written into the entry, as Xen does. */
static s64 entry_again(struct vcpu *v, u64 addr, u64 left)
{
    u32 arg[3] = {(u32)v->again.arg[0], (u32)v->again.arg[1], (u32)v->again.arg[2]};

    if (!copy_to_guest32(addr + offsetof(struct multicall_entry_x86_32, args), arg,
                         v->again.n * sizeof(u32))) {
        v->again.wanted = false;
        return -XEN_EFAULT;
    }
    return call_again(v, 2, addr, left, 0);
}

/* Every entry is done, whatever the ones before it said, up to an iret; 0 unless the list can't be
 * accessed. */
s64 compat_multicall(u64 list, u64 count, u64 a3, u64 a4, u64 a5)
{
    struct vcpu *v = current();

    (void)a3, (void)a4, (void)a5;
    if (!range32_ok(list, count * sizeof(struct multicall_entry_x86_32)))
        return -XEN_EFAULT;
    for (u64 i = 0; i < count; i++) {
        u64 addr = list + i * sizeof(struct multicall_entry_x86_32);
        struct multicall_entry_x86_32 e;

        if (unlikely(work_done(v, 1)) && i)
            return call_again(v, 2, addr, count - i, 0);
        if (unlikely(!read_entry(&e, addr)))
            return -XEN_EFAULT;
        if (unlikely(e.op == __HYPERVISOR_iret)) {
            struct regs *r = vcpu_regs(v);

            do_iret32(v, r); /* and the list ends, for the caller is gone */
            put_result(addr, (s64)r->rax);
            return (s64)r->rax;
        }
        if (unlikely(!(SMALL_CALLS >> (e.op & 63) & 1)))
            work_done(v, WORK_L0);
        s64 rc = e.op == __HYPERVISOR_multicall
                     ? -XEN_EINVAL
                     : call(e.op, e.args[0], e.args[1], e.args[2], e.args[3], e.args[4]);
        if (unlikely(v->again.wanted))
            return entry_again(v, addr, count - i);
        if (!put_result(addr, rc))
            return -XEN_EFAULT;
    }
    return 0;
}

/* Back onto the INT.  EAX still has the number. */
static void restart_call(struct vcpu *v, struct regs *r)
{
    v->again.wanted = false;
    r->rip = (u32)(r->rip - 2);
    if (v->again.n > 0)
        r->rbx = (u32)v->again.arg[0];
    if (v->again.n > 1)
        r->rcx = (u32)v->again.arg[1];
    if (v->again.n > 2)
        r->rdx = (u32)v->again.arg[2];
}

struct regs *compat_hypercall(struct regs *r)
{
    struct vcpu *v = current();

    v->kernel_mode = true;
    if (unlikely((u32)r->rax == __HYPERVISOR_iret)) {
        do_iret32(v, r);
    } else {
        v->work = WORK_SLICE;
        s64 rc = call((u32)r->rax, (u32)r->rbx, (u32)r->rcx, (u32)r->rdx, (u32)r->rsi, (u32)r->rdi);
        if (unlikely(v->again.wanted))
            restart_call(v, r);
        else
            r->rax = (u32)rc;
    }
    exit_work32(v, r);
    return r;
}
