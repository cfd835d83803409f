// SPDX-License-Identifier: MIT
/* See lapic.h. */
#include "lapic.h"

#include <xen/arch-x86/cpuid.h>

#define APIC_BASE_EXTD (1UL << 10)
#define CPUID_X2APIC   (1u << 21)

bool lapic_by_msr;

/* L0 emulates x2APIC since 4.1, right since fixes of 2013: the leaf for HVM domains (4.5) came
 * after them.  A CPU that has the page of registers in hardware, but no MSRs, is left at the page.
 */
void lapic_choose(u32 hvm)
{
    lapic_by_msr = hvm && cpuid(1, 0).c & CPUID_X2APIC &&
                   (!(hvm & XEN_HVM_CPUID_APIC_ACCESS_VIRT) || hvm & XEN_HVM_CPUID_X2APIC_VIRT);
}

void lapic_init(void)
{
    if (lapic_by_msr)
        wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | APIC_BASE_EXTD);
    lapic_write(LAPIC_SPIV, 0x100 | VECTOR_SPURIOUS);
    lapic_write(LAPIC_TPR, 0);
    lapic_write(LAPIC_LVT0, LVT_MASKED);
    lapic_write(LAPIC_LVT1, LVT_MASKED);
    lapic_write(LAPIC_LVTT, VECTOR_TIMER); /* one-shot */
    lapic_write(LAPIC_TDCR, 0xb);          /* divide by 1 */
}
