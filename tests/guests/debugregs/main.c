// SPDX-License-Identifier: MIT
/*
 * DR7 with I/O breakpoints (pv-guest-abi 4.5): allowed with CR4.DE only, and only looked at when
 * some breakpoint is on; the register reads as it was written, the reserved bits aside. Of the
 * others' checks see the guest privileged.
 */
#include "guest.h"

#define DE (1UL << 3)
/* Breakpoint 0 on an I/O port of one byte; 1 on data written, of 8 bytes or 4. */
#define IO_0    (2UL << 16)
#define ON_0    1UL
#define WRITE_1 (GUEST_BITS == 64 ? 9UL << 20 : 0xdUL << 20)
#define ON_1    4UL
#define FIXED   0x400UL

static void set_cr4(ul set, ul clear)
{
    ul cr4;

    asm volatile("mov %%cr4, %0" : "=r"(cr4));
    cr4 = (cr4 & ~clear) | set;
    asm volatile("mov %0, %%cr4" ::"r"(cr4));
}

static void check_dr7(const char *name, ul write, long rc, ul read)
{
    print("%s\n", name);
    check_rc("dr7", hc(set_debugreg, 7, write), rc);
    check_hex("dr7-reads", (ul)hc(get_debugreg, 7), read);
}

static void test_dr7(void)
{
    static ul watched;
    ul v;

    set_cr4(0, DE);
    check_dr7("without DE, nothing on", IO_0, 0, IO_0 | FIXED);
    check_dr7("without DE, on", IO_0 | ON_0, -XEN_EPERM, IO_0 | FIXED);
    check_dr7("without DE, another on", IO_0 | WRITE_1 | ON_1, -XEN_EPERM, IO_0 | FIXED);
    set_cr4(DE, 0);
    check_dr7("with DE, on", IO_0 | ON_0, 0, IO_0 | ON_0 | FIXED);
    asm volatile("mov %%dr7, %0" : "=r"(v));
    check_hex("mov-from-dr7", v, IO_0 | ON_0 | FIXED);
    check_dr7("with DE, both kinds", IO_0 | ON_0 | WRITE_1 | ON_1, 0,
              IO_0 | ON_0 | WRITE_1 | ON_1 | FIXED);
    hc(set_debugreg, 1, &watched);
    PROBE("mov" SZ " $1, %0; nop", "=m"(watched), NONE);
    check_trap("data-hits", X_DB, -1);
    check_hex("data-hits-dr6", (u32)hc(get_debugreg, 6) & 0xf, 2);
    hc(set_debugreg, 6, 0xffff0ff0);
    check_dr7("off again", WRITE_1 | IO_0, 0, WRITE_1 | IO_0 | FIXED);
#if GUEST_BITS == 64
    check_dr7("by mistake", 1UL << 32, -XEN_EINVAL, WRITE_1 | IO_0 | FIXED);
#endif
    check_dr7("general detect", 0x2000, -XEN_EPERM, WRITE_1 | IO_0 | FIXED);
    check_dr7("end", 0, 0, FIXED);
}

/* DR6 tells all that hit since it was cleared. */
static void test_dr6(void)
{
    static ul first, second;
    ul cr0;

    hc(set_debugreg, 0, &first);
    hc(set_debugreg, 1, &second);
    check_rc("dr7-two", hc(set_debugreg, 7, WRITE_1 >> 4 | WRITE_1 | ON_0 | ON_1), 0);
    PROBE("mov" SZ " $1, %0; nop", "=m"(first), NONE);
    check_trap("first", X_DB, -1);
    check_hex("first-dr6", (u32)hc(get_debugreg, 6), 0xffff0ff1);
    PROBE("mov" SZ " $1, %0; nop", "=m"(second), NONE);
    check_trap("second", X_DB, -1);
    check_hex("second-dr6", (u32)hc(get_debugreg, 6), 0xffff0ff3);
    PROBE(STEP "nop; nop", NONE, NONE);
    check_trap("step", X_DB, -1);
    check_hex("step-dr6", (u32)hc(get_debugreg, 6), 0xffff4ff3);
    PROBE("mov" SZ " $1, %0; nop", "=m"(first), NONE);
    check_hex("again-dr6", (u32)hc(get_debugreg, 6), 0xffff4ff3);
    check_rc("clear", hc(set_debugreg, 6, 0), 0);
    PROBE("mov" SZ " $1, %0; nop", "=m"(second), NONE);
    check_hex("cleared-dr6", (u32)hc(get_debugreg, 6), 0xffff0ff2);
    /* Emulated: what the CPU's own register doesn't know of. */
    PROBE(STEP "mov %%cr0, %0; nop", "=r"(cr0), NONE);
    check_hex("emulated-step-dr6", (u32)hc(get_debugreg, 6), 0xffff4ff2);
    PROBE("mov" SZ " $1, %0; nop", "=m"(first), NONE);
    check_hex("after-emulated-dr6", (u32)hc(get_debugreg, 6), 0xffff4ff3);
    hc(set_debugreg, 7, 0);
    hc(set_debugreg, 6, 0);
}

static void test_io(void)
{
    struct physdev_set_iopl iopl = {.iopl = 1};

    hc(physdev_op, PHYSDEVOP_set_iopl, &iopl);
    hc(set_debugreg, 0, 0x80);
    check_dr7("port 0x80", IO_0 | ON_0, 0, IO_0 | ON_0 | FIXED);
    PROBE("outb %%al, $0x80; nop", NONE, NONE);
    fact_trap("io-hits");
    hc(set_debugreg, 7, 0);
    hc(set_debugreg, 6, 0xffff0ff0);
}

void test_main(void)
{
    test_dr7();
    test_dr6();
    test_io();
}
