// SPDX-License-Identifier: MIT
/* See speculation.h. */
#include "speculation.h"

#include "cpu.h"
#include "cpuid_cache.h"
#include "regs.h"
#include "shim.h"

/* CPUID leaf 7, EDX. */
#define MD_CLEAR  (1u << 10)
#define IBRSB     (1u << 26)
#define STIBP     (1u << 27)
#define ARCH_CAPS (1u << 29)
#define SSBD      (1u << 31)
/* Leaf 0x80000008, EBX. */
#define IBPB     (1u << 12)
#define SSB_NO   (1u << 26)
#define IBPB_RET (1u << 30)

#define MSR_ARCH_CAPABILITIES 0x10a
#define MDS_NO                (1UL << 5)

#define SPEC_CTRL_IBRS  1UL
#define SPEC_CTRL_STIBP 2UL /* no fault without the feature */
#define SPEC_CTRL_SSBD  4UL
#define PRED_CMD_IBPB   1UL

bool verw;
static bool has_spec_ctrl, has_pred_cmd;

static u32 leaf7_edx(void)
{
    return cpuid_cached(0, 0).a >= 7 ? cpuid_cached(7, 0).d : 0;
}

static u32 leaf8_ebx(void)
{
    return cpuid_cached(0x80000000, 0).a >= 0x80000008 ? cpuid_cached(0x80000008, 0).b : 0;
}

static bool cpu_needs_verw(void)
{
    u64 caps = 0;

    if (!(leaf7_edx() & MD_CLEAR))
        return false;
    return !(leaf7_edx() & ARCH_CAPS && rdmsr_safe(MSR_ARCH_CAPABILITIES, &caps) && caps & MDS_NO);
}

void speculation_init(const char *word)
{
    if (*word && !string_is(word, "yes") && !string_is(word, "no"))
        refuse("verw=%s: yes or no", word);
    verw = *word ? string_is(word, "yes") : cpu_needs_verw();
}

void speculation_probe(void)
{
    u64 val;

    has_spec_ctrl = leaf7_edx() & IBRSB && rdmsr_safe(MSR_SPEC_CTRL, &val);
    has_pred_cmd = (leaf7_edx() & IBRSB || leaf8_ebx() & IBPB) && wrmsr_safe(MSR_PRED_CMD, 0);
}

void speculation_start_vcpu(void)
{
    if (has_spec_ctrl)
        wrmsr_safe(MSR_SPEC_CTRL, 0);
}

u32 speculation_leaf7_edx(void)
{
    return MD_CLEAR | (has_spec_ctrl && has_pred_cmd ? IBRSB | STIBP | SSBD : 0);
}

u32 speculation_leaf8_ebx(void)
{
    return SSB_NO | (has_pred_cmd ? IBPB | IBPB_RET : 0);
}

bool speculation_rdmsr(u32 msr, u64 *val)
{
    return msr == MSR_SPEC_CTRL && has_spec_ctrl && rdmsr_safe(msr, val);
}

bool speculation_wrmsr(u32 msr, u64 val)
{
    u64 allowed = SPEC_CTRL_IBRS | SPEC_CTRL_STIBP | (leaf7_edx() & SSBD ? SPEC_CTRL_SSBD : 0);

    if (msr == MSR_SPEC_CTRL)
        return has_spec_ctrl && !(val & ~allowed) && wrmsr_safe(msr, val);
    return has_pred_cmd && !(val & ~PRED_CMD_IBPB) && wrmsr_safe(msr, val);
}
