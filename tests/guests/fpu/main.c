// SPDX-License-Identifier: MIT
/*
 * FPU and vector state (pv-guest-abi 2.1 fpu_taskswitch, 4.1): registers survive hypercalls,
 * exceptions, events, blocking and trips to user mode; virtual TS gives #NM once and the delivery
 * clears it; XSAVE needs virtual CR4.OSXSAVE, then XSETBV and XGETBV work, with refused values; the
 * hypervisor's own code must not disturb any of it.
 */
#include "guest.h"

USER_CODE(u_ud2, "ud2");
USER_CODE(u_fpu, "mov $0x77, %eax; movd %eax, %xmm5; fld1; ud2");

static u8 image[2][512] __attribute__((aligned(64)));

static void fill(void)
{
    asm volatile("fninit; fldpi; fldl2e");
#define XMM(n)                                                                                     \
    asm volatile("movd %0, %%xmm" #n "; pshufd $0, %%xmm" #n                                       \
                 ", %%xmm" #n ::"r"(0x01010101 * (n + 3)))
    XMM(0);
    XMM(1);
    XMM(5);
    XMM(7);
#if GUEST_BITS == 64
    XMM(8);
    XMM(15);
#endif
#undef XMM
    asm volatile("fxsave (%0)" ::"r"(image[0]) : "memory");
}

static bool same(void)
{
    asm volatile("fxsave (%0)" ::"r"(image[1]) : "memory");
    return !memcmp(image[0], image[1], GUEST_BITS == 64 ? 416 : 288);
}

static void test_survival(void)
{
    u32 port = evtchn_new_ipi(0);
    struct mmu_update none;
    ul cr0;

    fill();
    hc(xen_version, XENVER_version, 0);
    check_true("survives-hypercall", same());
    hc(mmu_update, &none, 0, 0, DOMID_SELF);
    hc(sched_op, SCHEDOP_yield, 0);
    check_true("survives-yield", same());
    PROBE("ud2", NONE, NONE);
    check_true("survives-exception", same());
    PROBE("mov %%cr0, %0", "=r"(cr0), NONE);
    check_true("survives-emulation", same());
    port_unmask_local(port);
    events_unmask();
    evtchn_send(port);
    check_num("survives-event-taken", event_count[port], 1);
    check_true("survives-event", same());
    set_timer(system_time() + 2000000);
    evtchn_close(port);
    user_run_at(user_addr(u_ud2));
    check_true("survives-user-trip", same());
    user_run_at(user_addr(u_fpu));
    check_true("user-changes-are-seen", !same());
}

static void test_block(void)
{
    struct evtchn_bind_virq virq = {.virq = VIRQ_TIMER, .vcpu = 0};

    evtchn(EVTCHNOP_bind_virq, &virq);
    hc(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0);
    port_clear(virq.port);
    fill();
    events_mask();
    port_unmask_local(virq.port);
    set_timer(system_time() + 20000000);
    hc(sched_op, SCHEDOP_block, 0);
    check_true("survives-block", same());
    check_true("block-woke-by-timer", event_count[virq.port] >= 1);
    evtchn_close(virq.port);
}

static void test_ts(void)
{
    ul cr0;

    check_rc("ts-set", hc(fpu_taskswitch, 1), 0);
    asm volatile("mov %%cr0, %0" : "=r"(cr0));
    check_hex("ts-in-cr0", cr0 & 8, 8);
    PROBE("fld1", NONE, NONE);
    check_trap("ts-x87-traps", X_NM, -1);
    asm volatile("mov %%cr0, %0" : "=r"(cr0));
    check_hex("ts-cleared-by-delivery", cr0 & 8, 0);
    PROBE("fld1; fstp %%st", NONE, NONE);
    check_trap("ts-second-use", X_NONE, 0);
    fill();
    check_rc("ts-set-again", hc(fpu_taskswitch, 1), 0);
    PROBE("movaps %%xmm0, %%xmm0", NONE, NONE);
    check_trap("ts-sse-traps", X_NM, -1);
    check_true("ts-state-kept", same());
    hc(fpu_taskswitch, 1);
    check_rc("ts-clear", hc(fpu_taskswitch, 0), 0);
    PROBE("movaps %%xmm0, %%xmm0", NONE, NONE);
    check_trap("ts-cleared", X_NONE, 0);
    hc(fpu_taskswitch, 1);
    asm volatile("clts");
    PROBE("fwait", NONE, NONE);
    check_trap("ts-clts", X_NONE, 0);
    hc(fpu_taskswitch, 1);
    user_run_at(user_addr(u_fpu));
    check("ts-user", user_exit.entry == X_NM, "%s", trap_name(&user_exit));
    hc(fpu_taskswitch, 0);
}

static void set_cr4_osxsave(bool on)
{
    ul cr4;

    asm volatile("mov %%cr4, %0" : "=r"(cr4));
    cr4 = on ? cr4 | (1UL << 18) : cr4 & ~(1UL << 18);
    asm volatile("mov %0, %%cr4" ::"r"(cr4));
}

static void test_xsave(void)
{
    u32 a = 1, c = 0, lo, hi;

    asm volatile(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e; cpuid" : "+a"(a), "+c"(c)::"ebx", "edx");
    fact("xsave-in-cpuid", "%s", c & 1 << 26 ? "yes" : "no");
    if (!(c & 1 << 26)) {
        PROBE("xor %%ecx, %%ecx; xgetbv", NONE, NONE, "eax", "ecx", "edx");
        check_trap("xgetbv-without-xsave", X_UD, -1);
        PROBE("xor %%ecx, %%ecx; xsetbv", NONE, "a"(1), "ecx", "edx");
        fact_trap("xsetbv-without-xsave");
        return;
    }
    set_cr4_osxsave(false);
    PROBE("xor %%ecx, %%ecx; xor %%edx, %%edx; xsetbv", NONE, "a"(3), "ecx", "edx");
    check_trap("xsetbv-without-osxsave", X_UD, -1);
    set_cr4_osxsave(true);
    PROBE("xor %%ecx, %%ecx; xor %%edx, %%edx; xsetbv", NONE, "a"(3), "ecx", "edx");
    check_trap("xsetbv", X_NONE, 0);
    asm volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    check_hex("xgetbv", lo, 3);
    PROBE("xor %%ecx, %%ecx; xor %%edx, %%edx; xsetbv", NONE, "a"(2), "ecx", "edx");
    check_trap("xsetbv-without-x87", X_GP, 0);
    PROBE("xor %%ecx, %%ecx; xor %%edx, %%edx; xsetbv", NONE, "a"(5), "ecx", "edx");
    check_trap("xsetbv-ymm-without-sse", X_GP, 0);
    PROBE("mov $1, %%ecx; xor %%edx, %%edx; xsetbv", NONE, "a"(3), "ecx", "edx");
    check_trap("xsetbv-register-1", X_GP, 0);
    PROBE("xor %%ecx, %%ecx; mov $0x40000000, %%edx; xsetbv", NONE, "a"(3), "ecx", "edx");
    check_trap("xsetbv-unknown-bit", X_GP, 0);
}

void test_main(void)
{
    user_init();
    test_survival();
    test_block();
    test_ts();
    test_xsave();
}
