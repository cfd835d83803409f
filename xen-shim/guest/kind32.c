// SPDX-License-Identifier: MIT
/* See kind.h: the guest of 32 bits. */
#include "kind.h"

#include <xen/foreign/x86_32.h>

#include "bounce32.h"
#include "cpuid_cache.h"
#include "desc.h"
#include "emulate.h"
#include "frames.h"
#include "hypercall_page.h"
#include "isolate32.h"
#include "mmu32.h"
#include "shim.h"

#define BIT(n) (1u << (n))

static void first_regs(struct regs *r, u64 entry, u64 stack, u64 start_info)
{
    struct vcpu *v = current();

    *r = (struct regs){
        .rip = entry,
        .cs = SEL_RING1_CS32,
        .rflags = X86_EFLAGS_IF | 2,
        .rsp = stack,
        .ss = SEL_RING1_DS32,
        .rsi = start_info,
    };
    v->initial_ds = v->initial_es = v->initial_fs = v->initial_gs = SEL_RING1_DS32;
    v->kernel_ss = SEL_RING1_DS32;
    v->kernel_sp = stack;
}

/* The CPU does them in ring 1. */
static bool no_far(struct vcpu *v, struct regs *r, const struct insn *in, u32 error_code)
{
    (void)v, (void)r, (void)in, (void)error_code;
    return false;
}

static u32 user_fault(struct vcpu *v, u64 addr, u32 error_code)
{
    return isolate32_fault(v, addr, &error_code) ? 0 : error_code;
}

/* CR3 as a CPU of 32 bits has it is too narrow for all frames: the number is folded. */
static u64 shown_cr3(const struct vcpu *v)
{
    return xen_pfn_to_cr3_x86_32(v->user_cr3 >> PAGE_SHIFT);
}

static mfn_t frame_of_cr3(u64 cr3)
{
    return xen_cr3_to_pfn_x86_32(cr3);
}

static void no_bases(const struct vcpu *v)
{
    (void)v;
}

/* No long mode, and what is only there: CX16, LAHF; SYSCALL but on AMD's CPUs, which have it in
 * compatibility mode. */
static void cpuid32(struct cpuid *c, u32 leaf, u32 subleaf)
{
    bool amd = cpuid_cached(0, 0).c == 0x444d4163 /* "cAMD" */;

    switch (leaf) {
    case 1:
        c->c &= ~BIT(13);
        break;
    case 7:
        if (!subleaf)
            c->b &= ~BIT(0); /* FSGSBASE */
        break;
    case 0x80000001:
        c->d &= ~(BIT(29) | (amd ? 0 : BIT(11)));
        c->c &= ~BIT(0);
        break;
    case 0x80000008: /* bits of a linear address */
        c->a = (c->a & ~0xff00u) | 32u << 8;
        break;
    }
}

static bool has_msr32(u32 msr)
{
    return msr != MSR_FS_BASE && msr != MSR_GS_BASE && msr != MSR_KERNEL_GS_BASE;
}

/* LME, LMA, and SCE where SYSCALL isn't shown. */
static u64 efer32(u64 efer)
{
    bool amd = cpuid_cached(0, 0).c == 0x444d4163;

    return efer & ~(u64)(BIT(8) | BIT(10) | (amd ? 0 : BIT(0)));
}

const struct kind kind32 = {
    .init = mmu32_init,
    .hypercall_page = hypercall_page_fill32,
    .first_regs = first_regs,
    .exception = bounce32_exception,
    .soft_interrupt = bounce32_soft_interrupt,
    .page_fault = bounce32_page_fault,
    .failsafe = bounce32_failsafe,
    .sysenter = bounce32_sysenter,
    .exit_work = exit_work32,
    .far = no_far,
    .user_fault = user_fault,
    .root_level = 3,
    .root_flags = FRAME_ROOT32,
    .hole_slot = HOLE32_SLOT,
    .hole_slots = HOLE32_SLOTS,
    .hole_error = -XEN_EPERM,
    .has_hole = mmu32_has_hole,
    .root_entry = mmu32_root_entry,
    .set_root = mmu32_set_root,
    .new_root = mmu32_new_root,
    .read_cr3 = shown_cr3,
    .frame_of_cr3 = frame_of_cr3,
    .load = mmu32_load,
    .prepare_root = mmu32_prepare_root,
    .start_tables = mmu32_load,
    .load_bases = no_bases,
    .fix_descriptor = desc_fix32,
    .cpuid = cpuid32,
    .has_msr = has_msr32,
    .efer = efer32,
};
