// SPDX-License-Identifier: MIT
/* Page tables and descriptors of a 32-bit guest: wide arguments come in two registers.  mmu_update
 * is the same for both. */
#include "compat.h"

#include "desc.h"
#include "mmu.h"
#include "mmuext.h"
#include "preempt.h"

/* (what is mapped behind the hole's start is the shim's) */
s64 compat_update_va_mapping(u64 addr, u64 lo, u64 hi, u64 flags, u64 a5)
{
    if (addr >= PV32_HOLE_START)
        return -XEN_EINVAL;
    return do_update_va_mapping(addr, wide(lo, hi), flags, 0, a5);
}

s64 compat_update_va_mapping_otherdomain(u64 addr, u64 lo, u64 hi, u64 flags, u64 domid)
{
    if (addr >= PV32_HOLE_START)
        return -XEN_EINVAL;
    return do_update_va_mapping_otherdomain(addr, wide(lo, hi), flags, domid, 0);
}

s64 compat_update_descriptor(u64 maddr_lo, u64 maddr_hi, u64 desc_lo, u64 desc_hi, u64 a5)
{
    return do_update_descriptor(wide(maddr_lo, maddr_hi), wide(desc_lo, desc_hi), 0, 0, a5);
}

s64 compat_set_gdt(u64 frames, u64 ents, u64 a3, u64 a4, u64 a5)
{
    u32 list[14];
    u64 mfns[14];

    (void)a3, (void)a4, (void)a5;
    if (ents > FIRST_RESERVED_GDT_ENTRY)
        return -XEN_EINVAL;
    u64 n = (ents + 511) / 512;
    if (!copy_from_guest32(list, frames, n * sizeof(u32)))
        return -XEN_EFAULT;
    for (u64 i = 0; i < n; i++)
        mfns[i] = list[i];
    return desc_set_gdt(current(), mfns, (u32)ents);
}

/* All words of the unions are of 32 bits, and none is negative. */
static s64 one_op(struct vcpu *v, const struct mmuext_op_x86_32 *from)
{
    struct mmuext_op op = {.cmd = from->cmd, .arg1.mfn = from->arg1, .arg2.src_mfn = from->arg2};

    switch (from->cmd) {
    case MMUEXT_NEW_USER_BASEPTR: /* there is one table for both modes */
        return -XEN_EINVAL;
    case MMUEXT_PIN_L4_TABLE: /* none of the guest's is one */
        return 0;
    }
    return mmuext_one(v, &op);
}

s64 compat_mmuext_op(u64 ops, u64 count, u64 done_addr, u64 foreign, u64 a5)
{
    struct vcpu *v = current();
    u64 i;
    s64 rc = mmuext_foreign(foreign);

    (void)a5;
    if (unlikely(rc))
        return rc;
    if (unlikely(count & MMU_COUNT_PREEMPTED))
        return mmu_continued(compat_mmuext_op, ops, count, done_addr, foreign);
    if (!range32_ok(ops, count * sizeof(struct mmuext_op_x86_32)))
        return -XEN_EFAULT; /* and 64-bit guests have the number done written, which is 0 */
    for (i = 0; i < count; i++) {
        u64 addr = ops + i * sizeof(struct mmuext_op_x86_32);
        struct mmuext_op_x86_32 op;

        if (unlikely(work_done(v, WORK_FLUSH)) && i) {
            rc = call_again(v, 2, addr, (count - i) | MMU_COUNT_PREEMPTED, 0);
            break;
        }
        rc = guest_copy_raw(&op, (const void *)addr, sizeof(op)) ? -XEN_EFAULT : one_op(v, &op);
        if (rc)
            break;
    }
    mmu_write_done(done_addr, i);
    return rc;
}
