// SPDX-License-Identifier: MIT
/*
 * VCPUOP_initialise: the state in which a further vCPU starts, from struct vcpu_guest_context
 * (<xen/arch-x86/xen.h>).  Read field by field: the structure is larger than a stack frame
 * should be.  A saved guest's vCPUs go on from one, too; that lies in the shim's own memory.
 */
#include "debugreg.h"
#include "desc.h"
#include "far.h"
#include "frames.h"
#include "guest.h"
#include "map.h"
#include "mmu.h"
#include "shim.h"
#include "usercopy.h"
#include "vcpu_init.h"

#define READ(dst, field)                                                                           \
    (sizeof(dst) == sizeof(((struct vcpu_guest_context *)0)->field) &&                             \
     !guest_copy_raw(&(dst), (const void *)(ctxt + offsetof(struct vcpu_guest_context, field)),    \
                     sizeof(dst)))

static s64 read_traps(struct vcpu *v, u64 ctxt)
{
    for (unsigned int i = 0; i < 256; i++) {
        struct trap_info t;
        if (!READ(t, trap_ctxt[i]))
            return -XEN_EFAULT;
        if (!canonical(t.address))
            return -XEN_EINVAL;
        v->traps[i] = (struct trap_handler){
            .address = t.address, .dpl = TI_GET_DPL(&t), .mask_events = TI_GET_IF(&t)};
    }
    return 0;
}

static bool read_regs(struct vcpu *v, u64 ctxt, u64 flags)
{
    struct cpu_user_regs u;
    struct regs *r = vcpu_regs(v);

    if (!READ(u, user_regs))
        return false;
    *r = (struct regs){
        .r15 = u.r15,
        .r14 = u.r14,
        .r13 = u.r13,
        .r12 = u.r12,
        .rbp = u.rbp,
        .rbx = u.rbx,
        .r11 = u.r11,
        .r10 = u.r10,
        .r9 = u.r9,
        .r8 = u.r8,
        .rax = u.rax,
        .rcx = u.rcx,
        .rdx = u.rdx,
        .rsi = u.rsi,
        .rdi = u.rdi,
        .rip = u.rip,
        .rsp = u.rsp,
        .rflags = (u.rflags & IRET_FLAGS_KEPT) | X86_EFLAGS_IF | 2,
    };
    v->iopl = u.rflags >> 12 & 3;
    v->initial_ds = u.ds;
    v->initial_es = u.es;
    v->initial_fs = u.fs;
    v->initial_gs = u.gs;
    v->kernel_mode = flags & VGCF_in_kernel;
    r->cs = v->kernel_mode ? SEL_RING1_CS : u.cs | 3u;
    r->ss = v->kernel_mode ? SEL_RING1_DS : u.ss | 3u;
    if (v->kernel_mode)
        far_note_selectors(v, (u16)u.cs | 3, (u16)u.ss | 3);
    else
        far_note_selectors(v, SEL_USER_CS, SEL_USER_DS);
    return true;
}

static s64 read_tables(struct vcpu *v, u64 ctxt)
{
    u64 cr[8], gdt[16], gdt_ents, ldt_base, ldt_ents;

    if (!READ(cr, ctrlreg) || !READ(gdt, gdt_frames) || !READ(gdt_ents, gdt_ents) ||
        !READ(ldt_base, ldt_base) || !READ(ldt_ents, ldt_ents))
        return -XEN_EFAULT;
    if (!frame_ok(cr[3] >> PAGE_SHIFT) || (cr[1] && !frame_ok(cr[1] >> PAGE_SHIFT)))
        return -XEN_EINVAL;
    if (ldt_ents > 8192 || gdt_ents > FIRST_RESERVED_GDT_ENTRY ||
        (ldt_ents && (ldt_base & (PAGE_SIZE - 1) || !guest_range_ok(ldt_base, ldt_ents * 8))))
        return -XEN_EINVAL;
    if (!v->kernel_mode && !cr[1])
        return -XEN_EINVAL; /* nothing to run user mode on */
    v->cr3 = cr[3] & PAGE_MASK;
    v->user_cr3 = cr[1] & PAGE_MASK;
    v->fpu_ts = cr[0] & X86_CR0_TS;
    v->cr4 = cr[4];
    v->ldt_base = ldt_base;
    v->ldt_ents = (u32)ldt_ents;
    return desc_set_gdt(v, gdt, (u32)gdt_ents);
}

s64 vcpu_load_context(struct vcpu *v, u64 ctxt)
{
    u64 flags, dr[8];

    if (!READ(flags, flags) || !READ(v->fpu, fpu_ctxt) || !READ(v->kernel_sp, kernel_sp) ||
        !READ(v->event.address, event_callback_eip) ||
        !READ(v->failsafe.address, failsafe_callback_eip) ||
        !READ(v->syscall.address, syscall_callback_eip) || !READ(v->fs_base, fs_base) ||
        !READ(v->gs_base_kernel, gs_base_kernel) || !READ(v->gs_base_user, gs_base_user) ||
        !READ(dr, debugreg) || !read_regs(v, ctxt, flags))
        return -XEN_EFAULT;
    if (!canonical(v->fs_base) || !canonical(v->gs_base_kernel) || !canonical(v->gs_base_user) ||
        !canonical(v->kernel_sp) || !canonical(v->event.address) ||
        !canonical(v->failsafe.address) || !canonical(v->syscall.address) ||
        !canonical(vcpu_regs(v)->rip) || !canonical(vcpu_regs(v)->rsp))
        return -XEN_EINVAL;

    s64 rc = read_traps(v, ctxt);
    if (!rc)
        rc = read_tables(v, ctxt);
    if (rc)
        return rc;
    v->event.mask_events = true;
    v->failsafe.mask_events = flags & VGCF_failsafe_disables_events;
    v->syscall.mask_events = flags & VGCF_syscall_disables_events;
    vcpu_syscall_set(v);
    v->fpu_valid = flags & VGCF_I387_VALID;
    debugreg_init(v, dr);
    vcpu_set_kernel_sp(v, v->kernel_sp);
    vcpu_initialised(v);
    return 0;
}

s64 vcpu_initialise(struct vcpu *v, u64 ctxt)
{
    u64 flags;

    /* a context that isn't there is told first, as on Xen */
    if (!guest_range_ok(ctxt, sizeof(struct vcpu_guest_context)) || !READ(flags, flags))
        return -XEN_EFAULT;

    s64 rc = vcpu_may_initialise(v);
    return rc ? rc : vcpu_load_context(v, ctxt);
}
