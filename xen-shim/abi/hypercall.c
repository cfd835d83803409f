// SPDX-License-Identifier: MIT
/* SYSCALL from the guest: a hypercall from its kernel, or a system call from its user mode. */
#include "hypercall.h"

#include "count.h"
#include "preempt.h"
#include "shim.h"
#include "trap.h"
#include "usercopy.h"

static hypercall_fn *const table[NR_HYPERCALLS] = {
    [__HYPERVISOR_set_trap_table] = do_set_trap_table,
    [__HYPERVISOR_mmu_update] = do_mmu_update,
    [__HYPERVISOR_set_gdt] = do_set_gdt,
    [__HYPERVISOR_stack_switch] = do_stack_switch,
    [__HYPERVISOR_set_callbacks] = do_set_callbacks,
    [__HYPERVISOR_fpu_taskswitch] = do_fpu_taskswitch,
    [__HYPERVISOR_sched_op_compat] = do_sched_op_compat,
    [__HYPERVISOR_set_debugreg] = do_set_debugreg,
    [__HYPERVISOR_get_debugreg] = do_get_debugreg,
    [__HYPERVISOR_update_descriptor] = do_update_descriptor,
    [__HYPERVISOR_memory_op] = do_memory_op,
    [__HYPERVISOR_multicall] = do_multicall,
    [__HYPERVISOR_update_va_mapping] = do_update_va_mapping,
    [__HYPERVISOR_update_va_mapping_otherdomain] = do_update_va_mapping_otherdomain,
    [__HYPERVISOR_set_timer_op] = do_set_timer_op,
    [__HYPERVISOR_event_channel_op_compat] = do_event_channel_op_compat,
    [__HYPERVISOR_xen_version] = do_xen_version,
    [__HYPERVISOR_console_io] = do_console_io,
    [__HYPERVISOR_physdev_op_compat] = do_physdev_op_compat,
    [__HYPERVISOR_grant_table_op] = do_grant_table_op,
    [__HYPERVISOR_vm_assist] = do_vm_assist,
    [__HYPERVISOR_vcpu_op] = do_vcpu_op,
    [__HYPERVISOR_set_segment_base] = do_set_segment_base,
    [__HYPERVISOR_mmuext_op] = do_mmuext_op,
    [__HYPERVISOR_nmi_op] = do_nmi_op,
    [__HYPERVISOR_sched_op] = do_sched_op,
    [__HYPERVISOR_callback_op] = do_callback_op,
    [__HYPERVISOR_event_channel_op] = do_event_channel_op,
    [__HYPERVISOR_physdev_op] = do_physdev_op,
    [__HYPERVISOR_xenpmu_op] = do_xenpmu_op,
    NOT_FOR_GUESTS,
};

static s64 call(u64 nr, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    return hypercall_of(table, nr, a1, a2, a3, a4, a5);
}

/* Number and five arguments; the range has been checked. */
static inline bool read_entry(struct multicall_entry *e, u64 addr)
{
    const struct multicall_entry *from = (const struct multicall_entry *)addr;
    bool ok = false;

    __asm__ volatile("1: movq %7, %0\n movq %8, %1\n movq %9, %2\n movq %10, %3\n"
                     "movq %11, %4\n movq %12, %5\n movb $1, %6\n"
                     "2:\n"
                     ".pushsection .extable, \"a\"\n .quad 1b, 2b, 2b\n.popsection"
                     : "=&r"(e->op), "=&r"(e->args[0]), "=&r"(e->args[1]), "=&r"(e->args[2]),
                       "=&r"(e->args[3]), "=&r"(e->args[4]), "+q"(ok)
                     : "m"(from->op), "m"(from->args[0]), "m"(from->args[1]), "m"(from->args[2]),
                       "m"(from->args[3]), "m"(from->args[4]));
    return ok;
}

/* What is left of a preempted entry is written into the entry, as Xen does. */
static s64 entry_again(struct vcpu *v, u64 addr, u64 left)
{
    if (!copy_to_guest(addr + offsetof(struct multicall_entry, args), v->again.arg,
                       v->again.n * sizeof(u64))) {
        v->again.wanted = false;
        return -XEN_EFAULT;
    }
    return call_again(v, 2, addr, left, 0);
}

/* Every entry is done, whatever the ones before it said, up to an iret; 0 unless the list can't be
 * accessed. */
s64 do_multicall(u64 list, u64 count, u64 a3, u64 a4, u64 a5)
{
    struct vcpu *v = current();

    (void)a3, (void)a4, (void)a5;
    count = (u32)count;
    if (!guest_range_ok(list, count * sizeof(struct multicall_entry)))
        return -XEN_EFAULT;
    for (u64 i = 0; i < count; i++) {
        u64 addr = list + i * sizeof(struct multicall_entry);
        struct multicall_entry e;

        if (unlikely(work_done(v, 1)) && i)
            return call_again(v, 2, addr, count - i, 0);
        if (unlikely(!read_entry(&e, addr)))
            return -XEN_EFAULT;
        if (unlikely(e.op == __HYPERVISOR_iret)) {
            struct regs *r = vcpu_regs(current());

            do_iret(current(), r); /* and the list ends, for the caller is gone */
            put_guest_u64(addr + offsetof(struct multicall_entry, result), r->rax);
            return (s64)r->rax;
        }
        if (unlikely(!(SMALL_CALLS >> (e.op & 63) & 1)))
            work_done(v, WORK_L0);
        s64 rc = e.op == __HYPERVISOR_multicall
                     ? -XEN_EINVAL
                     : call(e.op, e.args[0], e.args[1], e.args[2], e.args[3], e.args[4]);
        if (unlikely(v->again.wanted))
            return entry_again(v, addr, count - i);
        if (!put_guest_word(addr + offsetof(struct multicall_entry, result), (u64)rc))
            return -XEN_EFAULT;
    }
    return 0;
}

static void guest_syscall(struct vcpu *v, struct regs *r)
{
    COUNT(syscall);
    const struct callback *cb = r->cs == SEL_USER_CS32 ? &v->syscall32 : &v->syscall;

    if (unlikely(!cb->address)) {
        r->rip -= 2;
        bounce_exception(v, r, X86_UD, 0);
        return;
    }
    bounce_callback(v, r, cb);
    r->rflags &= ~(u64)X86_EFLAGS_DF; /* as SYSCALL itself does by its mask on Xen */
}

/* Back onto the SYSCALL.  RAX still has the number. */
static void restart_call(struct vcpu *v, struct regs *r)
{
    v->again.wanted = false;
    r->rip -= 2;
    if (v->again.n > 0)
        r->rdi = v->again.arg[0];
    if (v->again.n > 1)
        r->rsi = v->again.arg[1];
    if (v->again.n > 2)
        r->rdx = v->again.arg[2];
}

static void hypercall(struct vcpu *v, struct regs *r)
{
    v->work = WORK_SLICE;
    s64 rc = call(r->rax, r->rdi, r->rsi, r->rdx, r->r10, r->r8);
    if (unlikely(v->again.wanted))
        restart_call(v, r);
    else
        r->rax = (u64)rc;
}

struct regs *syscall_entry(struct regs *r)
{
    struct vcpu *v = current();

    if (v->kernel_mode) {
        r->cs = SEL_RING1_CS;
        r->ss = SEL_RING1_DS;
        v->odd_selectors = false; /* SYSCALL loads the flat ones */
        if (r->rax == __HYPERVISOR_iret)
            do_iret(v, r);
        else
            hypercall(v, r);
    } else {
        guest_syscall(v, r);
    }
    trap_exit_work(v, r);
    return r;
}
