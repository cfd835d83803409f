// SPDX-License-Identifier: MIT
/* Registers of the CPU that the guest's kernel sets by hypercall as it switches processes: segment
 * bases, and whether the FPU is to trap. */
#include "hypercall.h"
#include "shim.h"

s64 do_fpu_taskswitch(u64 set, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct vcpu *v = current();
    u64 cr0 = read_cr0();

    (void)a2, (void)a3, (void)a4, (void)a5;
    v->fpu_ts = set != 0;
    u64 want = (cr0 & ~(u64)X86_CR0_TS) | (set ? X86_CR0_TS : 0);
    if (want != cr0)
        write_cr0(want);
    return 0;
}

/* Loads a selector into the user's GS, which is the inactive one; a bad one becomes null. */
static void load_user_gs(u16 sel)
{
    bool ok = false;

    swapgs();
    __asm__ volatile("1: movl %1, %%gs\n movb $1, %0\n2:\n"
                     ".pushsection .extable, \"a\"\n .quad 1b, 2b, 2b\n.popsection"
                     : "+q"(ok)
                     : "r"((u32)sel));
    if (!ok)
        __asm__ volatile("movl %0, %%gs" ::"r"(0));
    __asm__ volatile("mfence" ::: "memory"); /* segment loads and SWAPGS, AMD erratum 88 */
    swapgs();
}

s64 do_set_segment_base(u64 which, u64 base, u64 a3, u64 a4, u64 a5)
{
    (void)a3, (void)a4, (void)a5;
    switch ((u32)which) {
    case SEGBASE_FS:
    case SEGBASE_GS_USER:
    case SEGBASE_GS_KERNEL:
        if (!canonical(base))
            return -XEN_EINVAL;
        wrmsr((u32)which == SEGBASE_FS          ? MSR_FS_BASE
              : (u32)which == SEGBASE_GS_KERNEL ? MSR_GS_BASE
                                                : MSR_KERNEL_GS_BASE,
              base);
        return 0;
    case SEGBASE_GS_USER_SEL:
        load_user_gs((u16)base);
        return 0;
    }
    return -XEN_EINVAL;
}
