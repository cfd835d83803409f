// SPDX-License-Identifier: MIT
/* See start.h. */
#include "start.h"

#include "connect.h"
#include "cpu.h"
#include "debugreg.h"
#include "desc.h"
#include "evtchn.h"
#include "guest_time.h"
#include "kick.h"
#include "kind.h"
#include "l0.h"
#include "lapic.h"
#include "map.h"
#include "mtrr.h"
#include "shim.h"
#include "speculation.h"
#include "vcpu_saved.h"

extern u8 ap_trampoline[], ap_trampoline_end[];
void __noreturn ap_main(void);               /* from trampoline.S */
void __noreturn enter_guest(struct regs *r); /* entry.S */

u64 ap_stack; /* of the AP that starts now; trampoline.S */

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

void start_guest(struct vcpu *v)
{
    struct regs *r = vcpu_regs(v);
    const u16 sel[4] = {v->initial_ds, v->initial_es, v->initial_fs, v->initial_gs};
    bool selectors_ok;

    kind->start_tables(v);
    desc_load_ldt(v);
    cpu_set_cr4(v, v->cr4);
    debugreg_load(v);
    speculation_start_vcpu();
    selectors_ok = load_selectors(sel);
    kind->load_bases(v);
    load_fpu(v);
    if (v->saved)
        vcpu_saved_load(v);
    if (v->fpu_ts)
        write_cr0(read_cr0() | X86_CR0_TS);
    timer_start(v);
    if (!selectors_ok && v->failsafe.address)
        kind->failsafe(v, r, sel);
    upcall_scan(v); /* what was pending before the vector was set */
    kind->exit_work(v, r);
    enter_guest(r);
}

void ap_main(void)
{
    struct vcpu *v = current();

    mtrr_enable();
    cpu_load(v);
    lapic_init();
    kind->load(v); /* what connects it writes to the guest's memory */
    connect_vcpu(v);
    __atomic_store_n(&v->started, true, __ATOMIC_SEQ_CST);
    start_guest(v);
}

void start_cpu(struct vcpu *v)
{
    memcpy(va(AP_TRAMPOLINE), ap_trampoline, (u64)(ap_trampoline_end - ap_trampoline));
    /* The AP turns paging on at a low address; the guest's tables never see this entry. */
    boot_l4[0] = image_pa(boot_l3_direct) | PTE_P | PTE_W;
    ap_stack = v->stack_top - 256; /* its initial frame lies above */
    lapic_send(v->apic_id, ICR_ASSERT | ICR_INIT);
    lapic_send(v->apic_id, ICR_ASSERT | ICR_STARTUP | AP_TRAMPOLINE >> PAGE_SHIFT);
    while (!ACCESS_ONCE(v->started)) {
        kick_answer(current());
        l0_yield();
    }
    boot_l4[0] = 0;
}
