// SPDX-License-Identifier: MIT
/*
 * CPUID as a PV kernel and its user mode see it (pv-guest-abi 4.2): by the forced emulation prefix
 * ("ud2; .ascii xen"), which must work in both modes, and by the plain instruction, which may leak
 * the hardware's but must not fault. Xen's leaves with the signature; features PV can't have are
 * hidden; OSXSAVE; TSC leaf. Values that depend on the machine are printed: both hypervisors run on
 * one.
 */
#include "guest.h"
#include <xen/arch-x86/cpuid.h>

struct leaf {
    u32 a, b, c, d;
};

static struct leaf prefixed(u32 leaf, u32 sub)
{
    struct leaf l;

    asm volatile(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e; cpuid"
                 : "=a"(l.a), "=b"(l.b), "=c"(l.c), "=d"(l.d)
                 : "a"(leaf), "c"(sub));
    return l;
}

static struct leaf plain(u32 leaf, u32 sub)
{
    struct leaf l;

    asm volatile("cpuid" : "=a"(l.a), "=b"(l.b), "=c"(l.c), "=d"(l.d) : "a"(leaf), "c"(sub));
    return l;
}

USER_CODE(u_prefixed, ".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e; cpuid; ud2");
USER_CODE(u_plain, "cpuid; ud2");
USER_CODE(u_end, "");

static void test_xen_leaves(void)
{
    struct leaf l = prefixed(0x40000000, 0);
    u32 base = 0x40000000, v;

    check_true("xen-signature", l.b == XEN_CPUID_SIGNATURE_EBX && l.c == XEN_CPUID_SIGNATURE_ECX &&
                                    l.d == XEN_CPUID_SIGNATURE_EDX);
    check_true("xen-leaves-at-least-2", l.a >= base + 2);
    fact("xen-max-leaf", "0x%x", l.a);
    l = prefixed(base + 1, 0);
    v = hc(xen_version, XENVER_version, 0);
    check_true("xen-version-leaf", l.a == v);
    l = prefixed(base + 2, 0);
    check_num("xen-hypercall-pages", l.a, 1);
    check_hex("xen-hypercall-msr", l.b, 0x40000000);
    check_hex("xen-preserve-ad", l.c & 1, 1);
    l = prefixed(base + 3, 0);
    fact("xen-tsc-mode", "%u khz %s", l.b, l.c ? "known" : "zero");
    fact("xen-tsc-features", "0x%x incarnation %u", l.a, l.d);
    l = prefixed(base + 3, 2);
    check("xen-cpu-khz", l.a && !l.b && !l.c && !l.d, l.a ? "known" : "zero");
    l = prefixed(base + 3, 3);
    check_hex("xen-tsc-no-subleaf", l.a | l.b | l.c | l.d, 0);
    l = prefixed(base + 4, 0);
    check_hex("xen-hvm-leaf-empty", l.a | l.b | l.c | l.d, 0);
    l = prefixed(base + 5, 0);
    fact("xen-pv-leaf", "0x%x 0x%x 0x%x 0x%x", l.a, l.b, l.c, l.d);
    l = prefixed(base + 5, 1);
    check_hex("xen-pv-leaf-no-subleaf", l.a | l.b | l.c | l.d, 0);
    l = prefixed(base + 6, 0);
    check_hex("xen-no-leaf", l.a | l.b | l.c | l.d, 0);
}

static void print_leaf(const char *name, struct leaf l, struct leaf mask)
{
    fact(name, "0x%x 0x%x 0x%x 0x%x", l.a & mask.a, l.b & mask.b, l.c & mask.c, l.d & mask.d);
}

static void test_features(void)
{
    static const struct leaf all = {~0U, ~0U, ~0U, ~0U};
    struct leaf l = prefixed(1, 0), n;

    print_leaf("leaf-0", prefixed(0, 0), all);
    print_leaf("leaf-1", l, (struct leaf){~0U, 0x00ffffff, ~0U, ~0U});
    check_hex("leaf-1-apic-id", l.b >> 24, 0);
    check_hex("leaf-1-hypervisor-bit", l.c >> 31, 1);
    /* VME, PSE, PGE, MTRR, PSE36; MONITOR, VMX, PCID, x2APIC, TSC deadline. */
    check_hex("leaf-1-edx-not-for-pv", l.d & (1 << 1 | 1 << 3 | 1 << 13 | 1 << 12 | 1 << 17), 0);
    check_hex("leaf-1-ecx-not-for-pv", l.c & (1 << 3 | 1 << 5 | 1 << 17 | 1 << 21 | 1 << 24), 0);
    check_hex("leaf-1-apic", l.d & (1 << 9), 1 << 9);
    check_true("leaf-1-osxsave-iff-xsave", !(l.c & 1 << 26) == !(l.c & 1 << 27));
    print_leaf("leaf-2", prefixed(2, 0), all);
    print_leaf("leaf-5", prefixed(5, 0), all);
    print_leaf("leaf-6", prefixed(6, 0), all);
    l = prefixed(7, 0);
    print_leaf("leaf-7", l, all);
    /* SMEP, INVPCID, SMAP. */
    check_hex("leaf-7-not-for-pv", l.b & (1 << 7 | 1 << 10 | 1 << 20), 0);
    print_leaf("leaf-0xa", prefixed(0xa, 0), all);
    print_leaf("leaf-0xd", prefixed(0xd, 0), all);
    print_leaf("leaf-0x80000000", prefixed(0x80000000, 0), all);
    l = prefixed(0x80000001, 0);
    print_leaf("leaf-0x80000001", l, all);
    check_hex("leaf-0x80000001-not-for-pv", (l.c & 1 << 2) | (l.d & 1 << 26), 0);
#if GUEST_BITS == 64
    check_hex("leaf-0x80000001-needed", l.d & (1 << 29 | 1 << 20 | 1 << 11),
              1 << 29 | 1 << 20 | 1 << 11);
#else
    /* NX, and no long mode. */
    check_hex("leaf-0x80000001-long-mode", l.d & (1 << 29 | 1 << 20), 1 << 20);
#endif
    print_leaf("leaf-0x80000007", prefixed(0x80000007, 0), all);
    print_leaf("leaf-0x80000008", prefixed(0x80000008, 0), (struct leaf){0xffff, ~0U, 0, 0});
    print_leaf("leaf-0x8000000a", prefixed(0x8000000a, 0), all);
    print_leaf("leaf-beyond", prefixed(0x80001000, 0), all);
    print_leaf("leaf-0x50000000", prefixed(0x50000000, 0), all);
    l = prefixed(0, 0);
    n = plain(0, 0);
    check_true("plain-same-vendor", l.b == n.b && l.c == n.c && l.d == n.d);
    n = plain(1, 0);
    fact("plain-hypervisor-bit", "%u", n.c >> 31);
}

static void test_user(void)
{
    struct context ctx = user_context(user_addr(u_prefixed));
    struct trap *t;

    ctx.f.rax = 0x40000000;
    t = user_run(&ctx);
    check("user-prefixed", t->entry == X_UD && t->rip == user_addr(u_prefixed) + 7, "%s",
          trap_name(t));
    check_hex("user-prefixed-ebx", t->regs.rbx, XEN_CPUID_SIGNATURE_EBX);
    check_hex("user-prefixed-edx", t->regs.rdx, XEN_CPUID_SIGNATURE_EDX);
    ctx.f.rip = user_addr(u_plain);
    ctx.f.rax = 0;
    t = user_run(&ctx);
    check("user-plain", t->entry == X_UD && t->rip == user_addr(u_plain) + 2, "%s", trap_name(t));
}

static void test_prefix_alone(void)
{
    PROBE(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e; nop", NONE, NONE);
    check_trap("prefix-before-other-instruction", X_UD, -1);
    PROBE(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6f; cpuid", NONE, NONE, "eax", "ebx", "ecx", "edx");
    check_trap("prefix-misspelt", X_UD, -1);
}

void test_main(void)
{
    user_init();
    test_xen_leaves();
    test_features();
    test_user();
    test_prefix_alone();
}
