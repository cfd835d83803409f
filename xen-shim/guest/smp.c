// SPDX-License-Identifier: MIT
/* See smp.h. */
#include "smp.h"

#include "connect.h"
#include "count.h"
#include "cpu.h"
#include "clock.h"
#include "debugreg.h"
#include "desc.h"
#include "freeze.h"
#include "idle.h"
#include "isolate.h"
#include "l0.h"
#include "lapic.h"
#include "map.h"
#include "mmu.h"
#include "runstate.h"
#include "shim.h"
#include "speculation.h"
#include "timer.h"
#include "tlb.h"
#include "trap.h"
#include "upcall.h"
#include "vcpu_info.h"

extern u8 ap_trampoline[], ap_trampoline_end[];
void __noreturn ap_main(void);               /* from boot.S */
void __noreturn enter_guest(struct regs *r); /* entry.S */

u64 ap_stack;              /* of the AP that starts now; boot.S */
static lock_t updown_lock; /* who is up */

volatile u32 pollers;

void smp_count(u32 limit)
{
    struct vcpu_runstate_info rs;
    u32 n = 1, max = l0_shared ? MAX_VCPUS : 1;

    if (limit && limit < max)
        max = limit;
    while (n < max && !l0_vcpu_op(VCPUOP_get_runstate_info, n, &rs))
        n++;
    nr_vcpus = vcpu_info_register(n);
}

void smp_kick(struct vcpu *v)
{
    if (v != current() && v->up && v->started)
        lapic_send(v->apic_id, ICR_ASSERT | VECTOR_IPI);
}

void smp_kick_pollers(void)
{
    if (likely(!pollers))
        return;
    for (u32 i = 0; i < nr_vcpus; i++)
        if (vcpu_of(i)->polling)
            smp_kick(vcpu_of(i));
}

void smp_do_kicks(struct vcpu *v)
{
    if (ACCESS_ONCE(v->kick) &&
        __atomic_fetch_and(&v->kick, ~KICK_FLUSH, __ATOMIC_SEQ_CST) & KICK_FLUSH) {
        COUNT(tlb_flush);
        write_cr3(read_cr3());
    }
}

void lock_wait(const lock_t *l)
{
    while (l->held) {
        smp_do_kicks(current());
        __builtin_ia32_pause();
    }
}

void smp_poll(struct vcpu *v, bool polling)
{
    if (v->polling == polling)
        return;
    v->polling = polling;
    __atomic_fetch_add(&pollers, polling ? 1 : -1u, __ATOMIC_SEQ_CST);
}

/*
 * Stopped by VCPUOP_down: as good as absent until somebody ups it.  That may be in the middle of a
 * block or a poll, which then goes on, and looks at its ports again, or is forgotten with all else
 * (restart).
 */
static void park(struct vcpu *v)
{
    bool polling = v->polling;

    v->parked = true;
    smp_poll(v, false);
    while (!ACCESS_ONCE(v->up)) {
        timer_park(v);
        cpu_idle();
    }
    v->parked = false;
    if (v->restart) {
        v->restart = v->idle = false;
        smp_enter_guest(v);
    }
    smp_poll(v, polling);
    clock_force_refresh(v);
    timer_run(v);
}

void smp_ipi(struct vcpu *v)
{
    lapic_eoi();
    smp_do_kicks(v);
    if (unlikely(freezing))
        freeze_here(v);
    /* down and up again while this was on its way is nothing, but for an initialise between */
    if (unlikely((!v->up || v->restart) && v->started && !v->parked))
        park(v);
    if (unlikely(v->user_table_dirty && !v->kernel_mode))
        mmu_rechoose_user_table(v);
}

/* A selector that can't be loaded stays null.  False: there was one. */
static bool __attribute__((noinline)) load_selectors(const u16 sel[4])
{
    u32 loaded = 0;

#define LOAD(reg, value)                                                                           \
    __asm__ volatile("movl %1, %%" reg "\n"                                                        \
                     "1: movl %2, %%" reg "\n incl %0\n2:\n"                                       \
                     ".pushsection .extable, \"a\"\n .quad 1b, 2b, 2b\n.popsection"                \
                     : "+r"(loaded)                                                                \
                     : "r"(0), "r"((u32)(value)))
    LOAD("ds", sel[0]);
    LOAD("es", sel[1]);
    LOAD("fs", sel[2]);
    LOAD("gs", sel[3]);
#undef LOAD
    return loaded == 4;
}

/* An image that the CPU refuses counts as none. */
static void load_fpu(const struct vcpu *v)
{
    static const u32 mxcsr = 0x1f80; /* as after RESET */

    write_cr0(read_cr0() & ~(u64)X86_CR0_TS); /* of whom this vCPU ran before it was parked */
    __asm__ volatile("fninit\n ldmxcsr %0" ::"m"(mxcsr));
    if (v->fpu_valid)
        __asm__ volatile(
            "1: fxrstor64 %0\n2:\n"
            ".pushsection .extable, \"a\"\n .quad 1b, 2b, 2b\n.popsection" ::"m"(v->fpu));
}

void smp_enter_guest(struct vcpu *v)
{
    struct regs *r = (struct regs *)(v->stack_top - sizeof(*r));
    const u16 sel[4] = {v->initial_ds, v->initial_es, v->initial_fs, v->initial_gs};
    bool selectors_ok;

    mmu_load(v);
    v->user_table_dirty = true;
    if (!v->kernel_mode) {
        mmu_choose_user_table(v);
        if (v->separate_user)
            write_cr3(v->user_cr3);
    }
    desc_load_ldt(v);
    cpu_set_cr4(v, v->cr4);
    debugreg_load(v);
    speculation_start_vcpu();
    selectors_ok = load_selectors(sel);
    wrmsr(MSR_FS_BASE, v->fs_base);
    wrmsr(v->kernel_mode ? MSR_GS_BASE : MSR_KERNEL_GS_BASE, v->gs_base_kernel);
    wrmsr(v->kernel_mode ? MSR_KERNEL_GS_BASE : MSR_GS_BASE, v->gs_base_user);
    load_fpu(v);
    if (v->fpu_ts)
        write_cr0(read_cr0() | X86_CR0_TS);
    timer_start(v);
    if (!selectors_ok && v->failsafe.address)
        bounce_failsafe(v, r, sel);
    upcall_scan(v); /* what was pending before the vector was set */
    trap_exit_work(v, r);
    enter_guest(r);
}

void ap_main(void)
{
    struct vcpu *v = current();

    cpu_load(v);
    lapic_init();
    mmu_load(v); /* what connects it writes to the guest's memory */
    connect_vcpu(v);
    __atomic_store_n(&v->started, true, __ATOMIC_SEQ_CST);
    smp_enter_guest(v);
}

static void start_cpu(struct vcpu *v)
{
    memcpy(va(AP_TRAMPOLINE), ap_trampoline, (u64)(ap_trampoline_end - ap_trampoline));
    /* The AP turns paging on at a low address; the guest's tables never see this entry. */
    boot_l4[0] = image_pa(boot_l3_direct) | PTE_P | PTE_W;
    ap_stack = v->stack_top - 256; /* its initial frame lies above */
    lapic_send(v->apic_id, ICR_ASSERT | ICR_INIT);
    lapic_send(v->apic_id, ICR_ASSERT | ICR_STARTUP | AP_TRAMPOLINE >> PAGE_SHIFT);
    while (!ACCESS_ONCE(v->started)) {
        smp_do_kicks(current());
        l0_call2(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
    }
    boot_l4[0] = 0;
}

void smp_up(struct vcpu *v)
{
    lock(&updown_lock);
    if (!v->up) {
        v->up = true;
        if (v->started)
            lapic_send(v->apic_id, ICR_ASSERT | VECTOR_IPI);
        else
            start_cpu(v);
    }
    unlock(&updown_lock);
}

void smp_down(struct vcpu *v)
{
    bool last = true, was_up;

    lock(&updown_lock);
    was_up = v->up;
    v->up = false;
    for (u32 i = 0; i < nr_vcpus; i++)
        last &= !vcpu_of(i)->up;
    if (last)
        l0_shutdown(SHUTDOWN_poweroff);
    unlock(&updown_lock);
    if (!was_up)
        return;
    if (v == current())
        park(v);
    else if (v->started)
        lapic_send(v->apic_id, ICR_ASSERT | VECTOR_IPI);
}

void cpu_idle(void)
{
    struct vcpu *v = current();

    /* While idle is set nobody waits for us to flush (tlb.c), so look before anything else. */
    v->idle = true;
    COUNT(halt);
    idle_wait(v);
    __atomic_store_n(&v->idle, false, __ATOMIC_SEQ_CST);
    smp_do_kicks(v);
}
