// SPDX-License-Identifier: MIT
/* VCPUOP_initialise of a 32-bit guest, from its struct vcpu_guest_context
 * (<xen/foreign/x86_32.h>); see vcpu_init.c. */
#include "debugreg.h"
#include "desc.h"
#include "mmu32.h"
#include "shim.h"
#include "usercopy.h"
#include "vcpu_init.h"

#include <xen/foreign/x86_32.h>

#define READ(dst, field)                                                                           \
    (sizeof(dst) == sizeof(((struct vcpu_guest_context_x86_32 *)0)->field) &&                      \
     !guest_copy_raw(&(dst),                                                                       \
                     (const void *)(ctxt + offsetof(struct vcpu_guest_context_x86_32, field)),     \
                     sizeof(dst)))

static bool read_traps(struct vcpu *v, u64 ctxt)
{
    for (unsigned int i = 0; i < 256; i++) {
        struct trap_info_x86_32 t;

        if (!READ(t, trap_ctxt[i]))
            return false;
        v->traps[i] = (struct trap_handler){
            .address = t.address,
            .dpl = TI_GET_DPL(&t),
            .mask_events = TI_GET_IF(&t),
            .cs = selector32(t.cs),
        };
    }
    return true;
}

static bool read_callbacks(struct vcpu *v, u64 ctxt, u32 flags)
{
    u32 event_cs, event_eip, failsafe_cs, failsafe_eip;

    if (!READ(event_cs, event_callback_cs) || !READ(event_eip, event_callback_eip) ||
        !READ(failsafe_cs, failsafe_callback_cs) || !READ(failsafe_eip, failsafe_callback_eip))
        return false;
    v->event =
        (struct callback){.address = event_eip, .mask_events = true, .cs = selector32(event_cs)};
    v->failsafe = (struct callback){
        .address = failsafe_eip,
        .mask_events = flags & VGCF_failsafe_disables_events,
        .cs = selector32(failsafe_cs),
    };
    return true;
}

/* VGCF_in_kernel says nothing here: the ring does. */
static bool read_regs(struct vcpu *v, u64 ctxt)
{
    struct cpu_user_regs_x86_32 u;
    u32 kernel_ss, kernel_sp;

    if (!READ(u, user_regs) || !READ(kernel_ss, kernel_ss) || !READ(kernel_sp, kernel_sp))
        return false;
    *vcpu_regs(v) = (struct regs){
        .rax = u.eax,
        .rbx = u.ebx,
        .rcx = u.ecx,
        .rdx = u.edx,
        .rsi = u.esi,
        .rdi = u.edi,
        .rbp = u.ebp,
        .rip = u.eip,
        .cs = selector32(u.cs),
        .rflags = (u.eflags & IRET_FLAGS_KEPT) | X86_EFLAGS_IF | 2,
        .rsp = u.esp,
        .ss = selector32(u.ss),
    };
    v->kernel_mode = (selector32(u.cs) & 3) == 1;
    v->iopl = u.eflags >> 12 & 3;
    v->initial_ds = u.ds;
    v->initial_es = u.es;
    v->initial_fs = u.fs;
    v->initial_gs = u.gs;
    v->kernel_ss = selector32(kernel_ss);
    vcpu_set_kernel_sp(v, kernel_sp);
    return true;
}

static s64 read_tables(struct vcpu *v, u64 ctxt)
{
    u32 cr[8], frame[16], gdt_ents, ldt_base, ldt_ents;
    u64 gdt[16];

    if (!READ(cr, ctrlreg) || !READ(frame, gdt_frames) || !READ(gdt_ents, gdt_ents) ||
        !READ(ldt_base, ldt_base) || !READ(ldt_ents, ldt_ents))
        return -XEN_EFAULT;
    if (ldt_base & (PAGE_SIZE - 1) || ldt_ents > 8192 || gdt_ents > FIRST_RESERVED_GDT_ENTRY ||
        ldt_base + ldt_ents * 8UL > PV32_HOLE_START)
        return -XEN_EINVAL;
    mfn_t l3 = xen_cr3_to_pfn_x86_32(cr[3]);
    if (!mmu32_root_ok(l3, (u32)vcpu_regs(v)->rip) || mmu32_set_root(v, l3))
        return -XEN_EINVAL;
    v->fpu_ts = cr[0] & X86_CR0_TS;
    v->cr4 = cr[4];
    v->ldt_base = ldt_base;
    v->ldt_ents = ldt_ents;
    for (u32 i = 0; i < ARRAY_SIZE(gdt); i++)
        gdt[i] = frame[i];
    return desc_set_gdt(v, gdt, gdt_ents);
}

s64 vcpu_load_context32(struct vcpu *v, u64 ctxt)
{
    u32 flags, debugreg[8];
    u64 dr[8];

    if (!READ(flags, flags) || !READ(v->fpu, fpu_ctxt) || !READ(debugreg, debugreg) ||
        !read_regs(v, ctxt) || !read_callbacks(v, ctxt, flags) || !read_traps(v, ctxt))
        return -XEN_EFAULT;
    s64 rc = read_tables(v, ctxt);
    if (rc)
        return rc;
    v->fpu_valid = flags & VGCF_I387_VALID;
    for (u32 i = 0; i < ARRAY_SIZE(dr); i++)
        dr[i] = debugreg[i];
    debugreg_init(v, dr);
    vcpu_initialised(v);
    return 0;
}

s64 vcpu_initialise32(struct vcpu *v, u64 ctxt)
{
    u32 flags, last;

    if (!guest_range_ok(ctxt, sizeof(struct vcpu_guest_context_x86_32)) || !READ(flags, flags) ||
        !READ(last, vm_assist)) /* which is the domain's, and there */
        return -XEN_EFAULT;

    s64 rc = vcpu_may_initialise(v);
    return rc ? rc : vcpu_load_context32(v, ctxt);
}
