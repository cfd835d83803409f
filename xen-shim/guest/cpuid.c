// SPDX-License-Identifier: MIT
/*
 * CPUID as a PV guest must see it: L0's leaves without what a PV guest can't use, and Xen's own
 * leaves at 0x40000000.  Letters A, S, H of <xen/arch-x86/cpufeatureset.h> say what is for PV.
 */
#include "count.h"
#include "cpu.h"
#include "cpuid_cache.h"
#include "emulate.h"
#include "frames.h"
#include "guest_time.h"
#include "kind.h"
#include "l0.h"
#include "shim.h"
#include "speculation.h"

#include <xen/arch-x86/cpuid.h>

#define BIT(n) (1u << (n))

/* Leaf 1, EDX: VME, PSE, MTRR, PGE, PSE36, DS, TM; ECX: DTES64, MONITOR, DS-CPL, VMX, SMX, EIST,
 * TM2, CNXT-ID, xTPR, PDCM, PCID, DCA, X2APIC, TSC deadline. */
#define HIDE_1D                                                                                    \
    (BIT(1) | BIT(3) | BIT(12) | BIT(13) | BIT(17) | BIT(21) | BIT(22) | BIT(29) | BIT(31))
#define HIDE_1C                                                                                    \
    (BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(10) | BIT(14) | BIT(15) |  \
     BIT(17) | BIT(18) | BIT(21) | BIT(24))
#define HYPERVISOR_BIT BIT(31)
#define OSXSAVE_BIT    BIT(27)

/* Leaf 7, EBX: TSC_ADJUST, SGX, SMEP, INVPCID, PQM, MPX, PQE, SMAP, PT; ECX: UMIP, PKU, OSPKE,
 * WAITPKG, CET, LA57, SGX_LC, PKS; EDX: UINTR, HYBRID, PCONFIG, ARCH_LBR, CET-IBT, and what needs
 * an MSR that a PV guest doesn't have: L1D_FLUSH, ARCH_CAPS, CORE_CAPS; IBRSB, STIBP and SSBD are
 * speculation.c's. */
#define HIDE_7B                                                                                    \
    (BIT(1) | BIT(2) | BIT(7) | BIT(10) | BIT(12) | BIT(14) | BIT(15) | BIT(20) | BIT(25))
#define HIDE_7C (BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(7) | BIT(16) | BIT(30) | BIT(31))
#define HIDE_7D                                                                                    \
    (BIT(5) | BIT(15) | BIT(18) | BIT(19) | BIT(20) | BIT(26) | BIT(27) | BIT(28) | BIT(29) |      \
     BIT(30) | BIT(31))

/* 0x80000001 EDX: as leaf 1, PAGE1GB; ECX: SVM, CR8_LEGACY, OSVW, IBS, SKINIT, WDT, LWP, NODEID,
 * TCE, PERFCTR, MONITORX. */
#define HIDE_E1D (BIT(1) | BIT(3) | BIT(12) | BIT(13) | BIT(17) | BIT(26))
#define HIDE_E1C                                                                                   \
    (BIT(2) | BIT(3) | BIT(4) | BIT(9) | BIT(10) | BIT(12) | BIT(13) | BIT(15) | BIT(17) |         \
     BIT(19) | BIT(23) | BIT(24) | BIT(28) | BIT(29))

static struct cpuid xen_leaf(u32 leaf, u32 subleaf)
{
    struct cpuid c = {0};

    switch (leaf) {
    case 0:
        c = (struct cpuid){0x40000005, XEN_CPUID_SIGNATURE_EBX, XEN_CPUID_SIGNATURE_ECX,
                           XEN_CPUID_SIGNATURE_EDX};
        break;
    case 1:
        c.a = l0.version;
        break;
    case 2:
        c.a = 1;
        c.b = 0x40000000;
        c.c = XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD;
        break;
    case 3:
        if (subleaf == 0) {
            /* is the TSC emulated, is it safe, which mode, how often restored: it is L0's */
            if (l0.cpuid_top >= l0.cpuid_base + 3)
                c = cpuid_cached(l0.cpuid_base + 3, 0);
            c.c = clock_tsc_khz();
        } else if (subleaf == 1) {
            clock_scale(&c.c, (s8 *)&c.d);
            c.d = (u32)(s32)(s8)c.d;
        } else if (subleaf == 2) {
            c.a = clock_tsc_khz();
        }
        break;
    case 5:
        /* Bits of the highest frame's address.  By more than 44 Linux would take version 2 of the
         * grants, and one that Xen has told fewer couldn't change to that when it goes on here. */
        if (subleaf == 0)
            c.b = 64 - (u32)__builtin_clzl(m2p_end - 1) + PAGE_SHIFT;
        break;
    }
#ifdef COUNTING
    leaf -= COUNT_LEAF - 0x40000000;
    if (leaf < (NR_COUNTERS + 1) / 2) {
        u64 odd = 2 * leaf + 1 < NR_COUNTERS ? counters[2 * leaf + 1] : 0;
        c = (struct cpuid){(u32)counters[2 * leaf], (u32)(counters[2 * leaf] >> 32), (u32)odd,
                           (u32)(odd >> 32)};
    }
#endif
    return c;
}

/* Xen's own leaves and the filtered others, as a function of the hardware's. */
static struct cpuid cpuid_policy(const struct vcpu *v, u32 leaf, u32 subleaf, bool forced)
{
    if (leaf >= 0x40000000 && leaf <= 0x400000ff)
        return xen_leaf(leaf - 0x40000000, subleaf);

    struct cpuid c = cpuid_cached(leaf, subleaf);
    switch (leaf) {
    case 0:
        c.a = min_t(u32, c.a, 0xd);
        break;
    case 1:
        c.d &= ~HIDE_1D;
        c.c = (c.c & ~(HIDE_1C | OSXSAVE_BIT)) | HYPERVISOR_BIT;
        c.b &= 0x00ffffff;
        if (cpuid_cached(0, 0).c == 0x444d4163) /* "cAMD": SYSENTER is #UD there in 64-bit mode */
            c.d &= ~BIT(11);
        /* Forced emulation shows what user code would see natively; see docs/ABI.md. */
        if (cpu_features.xsave && (forced || v->cr4 & X86_CR4_OSXSAVE))
            c.c |= OSXSAVE_BIT;
        break;
    case 5:
    case 6:
    case 9:
    case 0xa:
    case 0x8000000a:
        c = (struct cpuid){0};
        break;
    case 7:
        if (subleaf == 0) {
            c.b &= ~HIDE_7B;
            c.c &= ~HIDE_7C;
            c.d &= ~HIDE_7D | speculation_leaf7_edx();
        }
        break;
    case 0xd:
        if (subleaf == 1)
            c.a &= 7; /* XSAVES */
        break;
    case 0x80000001:
        c.d &= ~HIDE_E1D;
        c.c &= ~HIDE_E1C;
        break;
    case 0x80000008:
        c.b &= BIT(0) | BIT(2) | speculation_leaf8_ebx(); /* CLZERO, RSTR_FP_ERR_PTRS */
        break;
    }
    kind->cpuid(&c, leaf, subleaf);
    return c;
}

void emulate_cpuid(struct vcpu *v, struct regs *r, bool forced)
{
    struct cpuid c = cpuid_policy(v, (u32)r->rax, (u32)r->rcx, forced);

    r->rax = c.a;
    r->rbx = c.b;
    r->rcx = c.c;
    r->rdx = c.d;
}

struct cpuid guest_cpuid(u32 leaf, u32 subleaf)
{
    if (leaf > cpuid_policy(vcpu_of(0), leaf & 0x80000000, 0, true).a)
        return (struct cpuid){0};
    return cpuid_policy(vcpu_of(0), leaf, subleaf, true);
}
