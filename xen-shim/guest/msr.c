// SPDX-License-Identifier: MIT
/* RDMSR and WRMSR of the guest's kernel.  What isn't here is #GP, as on Xen. */
#include "cpu.h"
#include "emulate.h"
#include "frames.h"
#include "kind.h"
#include "map.h"
#include "shim.h"
#include "speculation.h"

#define XEN_PAT 0x050100070406UL
/* Control, status, address and more of 32 banks.  MCG_CAP says that there are none, but a guest
 * that was started on Xen remembers those that it saw there. */
#define MC_BANKS 0x400 ... 0x47f

#define APIC_BASE_BSP    (1u << 8)
#define APIC_BASE_ENABLE (1u << 11)

bool emulate_rdmsr(struct vcpu *v, u32 msr, u64 *val)
{
    *val = 0;
    if (!kind->has_msr(msr))
        return false;
    switch (msr) {
    case MSR_FS_BASE:
    case MSR_GS_BASE:
    case MSR_KERNEL_GS_BASE:
        *val = rdmsr(msr);
        return true;
    case MSR_EFER:
        *val = kind->efer(rdmsr(msr));
        return true;
    case MSR_APIC_BASE:
        *val = 0xfee00000 | APIC_BASE_ENABLE | (v->id ? 0 : APIC_BASE_BSP);
        return true;
    case MSR_PAT:
        *val = XEN_PAT;
        return true;
    case 0x10: /* TSC */
        *val = rdtsc();
        return true;
    case MSR_PLATFORM_INFO:
    case MSR_MISC_FEATURES:
    case MC_BANKS:
    case 0x179:      /* MCG_CAP: no banks */
    case 0x17a:      /* MCG_STATUS */
    case 0x40000000: /* hypercall page: write-only in effect */
    case 0x19a:      /* CLOCK_MODULATION */
    case 0x19c:      /* THERM_STATUS */
    case 0xc0010015: /* HWCR */
    case 0xc001001f: /* NB_CFG */
    case 0xc0010061:
    case 0xc0010062:
    case 0xc0010063:
        return true;
    case 0x8b: /* microcode revision */
    case MSR_MISC_ENABLE:
    case 0xc0011029: /* DE_CFG */
        return rdmsr_safe(msr, val) || (*val = 0, true);
    case MSR_TSC_AUX:
        return cpu_features.rdtscp && rdmsr_safe(msr, val);
    case MSR_SPEC_CTRL:
    case MSR_PRED_CMD:
        return speculation_rdmsr(msr, val);
    }
    return false;
}

bool emulate_wrmsr(struct vcpu *v, u32 msr, u64 val)
{
    (void)v;
    if (!kind->has_msr(msr))
        return false;
    switch (msr) {
    case MSR_FS_BASE:
    case MSR_GS_BASE:
    case MSR_KERNEL_GS_BASE:
        if (!canonical(val))
            return false;
        wrmsr(msr, val);
        return true;
    case MSR_EFER: /* some kernels write it back as it is */
        return val == kind->efer(rdmsr(msr));
    case 0x10: /* TSC: the host's */
    case 0x8b:
    case MSR_MISC_ENABLE:
    case MC_BANKS:
        return true;
    case MSR_TSC_AUX:
        return cpu_features.rdtscp && wrmsr_safe(msr, val);
    case MSR_SPEC_CTRL:
    case MSR_PRED_CMD:
        return speculation_wrmsr(msr, val);
    case 0x40000000: { /* hypercall page */
        mfn_t mfn = val >> PAGE_SHIFT;
        if (val & (PAGE_SIZE - 1) || !frame_ok(mfn))
            return false;
        kind->hypercall_page(mfn_va(mfn));
        return true;
    }
    }
    return false;
}
