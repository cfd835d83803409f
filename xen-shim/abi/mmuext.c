// SPDX-License-Identifier: MIT
/* mmuext_op: pins, base pointers, flushes, LDT. */
#include "mmuext.h"

#include "frames.h"
#include "desc.h"
#include "guest.h"
#include "hypercall.h"
#include "kind.h"
#include "map.h"
#include "mmu.h"
#include "preempt.h"
#include "shim.h"
#include "tables.h"
#include "tlb.h"
#include "usercopy.h"

/* Twice, so that the loop of 64-bit guests' needs no calls. */
#define IN_LINE static inline __attribute__((always_inline))

IN_LINE s64 pin(mfn_t mfn, u8 level)
{
    if (!frame_ok(mfn) || *frame_state(mfn) & FRAME_PINNED)
        return -XEN_EINVAL;
    table_pin(mfn, level);
    if (level == kind->root_level)
        mmu_l4_frame_changed(mfn);
    return 0;
}

/*
 * No flush: a table that is still loaded keeps being valid memory of the guest's, and what a CPU
 * may have cached of its structure goes with the guest's own flush or its next CR3 load.
 */
IN_LINE s64 unpin(mfn_t mfn)
{
    if (!frame_ok(mfn) || !(*frame_state(mfn) & FRAME_PINNED))
        return -XEN_EINVAL;
    *frame_state(mfn) &= (u8) ~(FRAME_PINNED | FRAME_ROOT32);
    return 0;
}

IN_LINE s64 new_user_baseptr(struct vcpu *v, mfn_t mfn)
{
    if (mfn && !frame_ok(mfn))
        return -XEN_EINVAL;
    v->user_cr3 = mfn << PAGE_SHIFT;
    mmu_tables_set(v);
    return 0;
}

/* Linux's mask is as long as its possible vCPUs: read no further than the domain has. */
static s64 flush_multi(u64 mask_addr, u64 addr)
{
    u64 mask[MAX_VCPUS / 64] = {0};

    if (!copy_from_guest(mask, mask_addr, (nr_vcpus + 7) / 8))
        return -XEN_EINVAL;
    tlb_flush_mask(mask, addr);
    return 0;
}

static s64 page_op(mfn_t dst, const mfn_t *src)
{
    work_done(current(), WORK_PAGE);
    if (!frame_ok(dst) || *frame_state(dst) & FRAME_PINNED || mmu_is_root(dst) ||
        (src && !frame_ok(*src)))
        return -XEN_EINVAL;
    if (src)
        memcpy(mfn_va(dst), mfn_va(*src), PAGE_SIZE);
    else
        memset(mfn_va(dst), 0, PAGE_SIZE);
    return 0;
}

IN_LINE s64 one_op(struct vcpu *v, const struct mmuext_op *op)
{
    u64 mask_addr = (u64)op->arg2.vcpumask.p;

    switch (op->cmd) {
    case MMUEXT_PIN_L1_TABLE:
    case MMUEXT_PIN_L2_TABLE:
    case MMUEXT_PIN_L3_TABLE:
    case MMUEXT_PIN_L4_TABLE:
        return pin(op->arg1.mfn, (u8)(op->cmd - MMUEXT_PIN_L1_TABLE + 1));
    case MMUEXT_UNPIN_TABLE:
        return unpin(op->arg1.mfn);
    case MMUEXT_NEW_BASEPTR:
        return kind->new_root(v, op->arg1.mfn);
    case MMUEXT_NEW_USER_BASEPTR:
        return new_user_baseptr(v, op->arg1.mfn);
    case MMUEXT_TLB_FLUSH_LOCAL:
        tlb_flush_local(TLB_ALL);
        return 0;
    case MMUEXT_INVLPG_LOCAL:
        tlb_flush_local(op->arg1.linear_addr);
        return 0;
    case MMUEXT_TLB_FLUSH_MULTI:
        return flush_multi(mask_addr, TLB_ALL);
    case MMUEXT_INVLPG_MULTI:
        return flush_multi(mask_addr, op->arg1.linear_addr);
    case MMUEXT_TLB_FLUSH_ALL:
        tlb_flush_all(TLB_ALL);
        return 0;
    case MMUEXT_INVLPG_ALL:
        tlb_flush_all(op->arg1.linear_addr);
        return 0;
    case MMUEXT_FLUSH_CACHE: /* no device, so nothing uncached to keep in step with */
        return -XEN_EACCES;
    case MMUEXT_SET_LDT:
        work_done(v, 16 * WORK_PAGE);
        return desc_set_ldt(v, op->arg1.linear_addr, op->arg2.nr_ents);
    case MMUEXT_CLEAR_PAGE:
        return page_op(op->arg1.mfn, NULL);
    case MMUEXT_COPY_PAGE: {
        mfn_t src = op->arg2.src_mfn;
        return page_op(op->arg1.mfn, &src);
    }
    case MMUEXT_FLUSH_CACHE_GLOBAL:
        return -XEN_EINVAL;
    case MMUEXT_MARK_SUPER:
    case MMUEXT_UNMARK_SUPER:
        return -XEN_EOPNOTSUPP;
    default:
        return -XEN_ENOSYS;
    }
}

s64 mmuext_one(struct vcpu *v, const struct mmuext_op *op)
{
    return one_op(v, op);
}

/* The range has been checked. */
static inline bool read_op(struct mmuext_op *op, u64 addr)
{
    u64 cmd, arg1, arg2;

    if (unlikely(!get_guest_pair(&cmd, &arg1, addr) || !get_guest_pair(&arg1, &arg2, addr + 8)))
        return false;
    op->cmd = (u32)cmd;
    op->arg1.mfn = arg1;
    op->arg2.src_mfn = arg2; /* the widest of the union */
    return true;
}

/*
 * For hypercall64.S: what Linux asks for when it switches processes, the two base pointers, and a
 * flush of this vCPU's. By the functions above, so what they would refuse is left to them.
 */
u32 mmuext_quick(u64 ops, u64 count)
{
    struct vcpu *v = current();
    u64 cmd, arg, user_cmd, user;

    if (!guest_range_ok(ops, 2 * sizeof(struct mmuext_op)) || !get_guest_pair(&cmd, &arg, ops))
        return 1;
    if ((u32)cmd == MMUEXT_NEW_BASEPTR) {
        if (count != 2 || !get_guest_pair(&user_cmd, &user, ops + sizeof(struct mmuext_op)) ||
            (u32)user_cmd != MMUEXT_NEW_USER_BASEPTR ||
            (frame_get(arg) & (FRAME_RAM | FRAME_PINNED)) != (FRAME_RAM | 4) ||
            (user && !frame_ok(user)))
            return 1;
        v->cr3 = arg << PAGE_SHIFT;
        v->user_cr3 = user << PAGE_SHIFT;
        mmu_load(v);
        mmu_tables_set(v);
        COUNT(hypercall);
        return 0;
    }
    if (count != 1)
        return 1;
    if ((u32)cmd == MMUEXT_INVLPG_LOCAL)
        tlb_flush_local(arg);
    else if ((u32)cmd == MMUEXT_TLB_FLUSH_LOCAL)
        tlb_flush_local(TLB_ALL);
    else
        return 1;
    COUNT(hypercall);
    return 0;
}

s64 do_mmuext_op(u64 ops, u64 count, u64 done_addr, u64 foreign, u64 a5)
{
    struct vcpu *v = current();
    u64 i;
    s64 rc = mmuext_foreign(foreign);

    (void)a5;
    if (unlikely(rc))
        return rc;
    if (unlikely(count & MMU_COUNT_PREEMPTED))
        return mmu_continued(do_mmuext_op, ops, count, done_addr, foreign);
    count = (u32)count;
    if (!guest_range_ok(ops, count * sizeof(struct mmuext_op)))
        rc = -XEN_EFAULT;
    for (i = 0; i < count && !rc; i++) {
        u64 addr = ops + i * sizeof(struct mmuext_op);
        struct mmuext_op op;
        if (unlikely(work_done(v, WORK_FLUSH)) && i) {
            rc = call_again(v, 2, addr, (count - i) | MMU_COUNT_PREEMPTED, 0);
            break;
        }
        rc = likely(read_op(&op, addr)) ? one_op(v, &op) : -XEN_EFAULT;
        if (rc)
            break;
    }
    mmu_write_done(done_addr, i);
    return rc;
}
