// SPDX-License-Identifier: MIT
/* See kind.h: the guest of 64 bits, and the choice. */
#include "kind.h"

#include "desc.h"
#include "emulate.h"
#include "far.h"
#include "frames.h"
#include "hypercall_page.h"
#include "isolate.h"
#include "mmu.h"
#include "shim.h"
#include "trap.h"

const struct kind *kind = &kind64;

static void init(void) {}

static void first_regs(struct regs *r, u64 entry, u64 stack, u64 start_info)
{
    *r = (struct regs){
        .rip = entry,
        .cs = SEL_RING1_CS,
        .rflags = X86_EFLAGS_IF | 2,
        .rsp = stack,
        .ss = SEL_RING1_DS,
        .rsi = start_info,
    };
}

static s64 set_root(struct vcpu *v, mfn_t mfn)
{
    if (!frame_ok(mfn))
        return -XEN_EINVAL;
    v->cr3 = mfn << PAGE_SHIFT;
    v->user_table_dirty = true;
    return 0;
}

/* A table that doesn't map what runs now would be the end. */
static s64 new_root(struct vcpu *v, mfn_t mfn)
{
    if (!frame_ok(mfn) || ((*frame_state(mfn) & FRAME_PINNED) != 4 &&
                           !mmu_l1_entry(mfn << PAGE_SHIFT, vcpu_regs(v)->rip)))
        return -XEN_EINVAL;
    set_root(v, mfn);
    mmu_load(v);
    return 0;
}

static u64 shown_cr3(const struct vcpu *v)
{
    return v->cr3;
}

static mfn_t frame_of_cr3(u64 cr3)
{
    return cr3 >> PAGE_SHIFT;
}

static void prepare_root(mfn_t mfn)
{
    if (!isolate) /* else user mode's tables do without, and the kernel's get them when loaded */
        mmu_prepare_l4(mfn);
}

static void start_tables(struct vcpu *v)
{
    mmu_load(v);
    v->user_table_dirty = true;
    if (v->kernel_mode)
        return;
    mmu_choose_user_table(v);
    if (v->separate_user)
        write_cr3(v->user_cr3);
}

/* Xens before 4.12 save a base of 0 where there is a selector: then it is the descriptor's.  Of GS
 * it is user mode's. */
static void load_bases(const struct vcpu *v)
{
    u64 user = v->gs_base_user;

    if (!v->saved || v->fs_base || selector_is_null(v->initial_fs))
        wrmsr(MSR_FS_BASE, v->fs_base);
    if (v->saved && !user && !selector_is_null(v->initial_gs))
        user = rdmsr(MSR_GS_BASE);
    wrmsr(v->kernel_mode ? MSR_GS_BASE : MSR_KERNEL_GS_BASE, v->gs_base_kernel);
    wrmsr(v->kernel_mode ? MSR_KERNEL_GS_BASE : MSR_GS_BASE, user);
}

static void cpuid_as_is(struct cpuid *c, u32 leaf, u32 subleaf)
{
    (void)c, (void)leaf, (void)subleaf;
}

static bool has_any_msr(u32 msr)
{
    (void)msr;
    return true;
}

static u64 efer_as_is(u64 efer)
{
    return efer;
}

const struct kind kind64 = {
    .init = init,
    .hypercall_page = hypercall_page_fill,
    .first_regs = first_regs,
    .exception = bounce_exception,
    .soft_interrupt = bounce_soft_interrupt,
    .page_fault = bounce_page_fault,
    .failsafe = bounce_failsafe,
    .sysenter = bounce_sysenter,
    .exit_work = trap_exit_work_now,
    .far = far_transfer,
    .user_fault = mmu_user_fault,
    .root_level = 4,
    .hole_slot = HOLE_SLOT,
    .hole_slots = HOLE_SLOTS,
    .hole_error = -XEN_EINVAL,
    .has_hole = mmu_is_root,
    .set_root = set_root,
    .new_root = new_root,
    .read_cr3 = shown_cr3,
    .frame_of_cr3 = frame_of_cr3,
    .load = mmu_load,
    .prepare_root = prepare_root,
    .start_tables = start_tables,
    .load_bases = load_bases,
    .fix_descriptor = desc_fix64,
    .cpuid = cpuid_as_is,
    .has_msr = has_any_msr,
    .efer = efer_as_is,
};
