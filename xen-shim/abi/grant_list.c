// SPDX-License-Identifier: MIT
/*
 * Grant operations on lists: each entry has a status of its own, and the call fails only when the
 * list can't be read or written.  Guests make sure of that with a BUG.  Mapping is in grant_map.c.
 */
#include "frames.h"
#include "grant.h"
#include "grant_map.h"
#include "l0.h"
#include "map.h"
#include "mmu.h"
#include "preempt.h"
#include "shim.h"
#include "usercopy.h"

/* Only a page that nothing refers to could go; where it would go nobody here knows. */
static s16 transfer_status(const struct gnttab_transfer *op)
{
    if (!frame_ok(op->mfn) || *frame_state(op->mfn) & FRAME_PINNED || mmu_is_root(op->mfn))
        return GNTST_bad_page;
    return GNTST_general_error;
}

#define BATCH 16

union entries {
    struct gnttab_transfer transfer[BATCH];
    struct gnttab_copy copy[BATCH];
    struct gnttab_swap_grant_ref swap[BATCH];
};

static const u8 entry_size[] = {
    [GNTTABOP_transfer] = sizeof(struct gnttab_transfer),
    [GNTTABOP_copy] = sizeof(struct gnttab_copy),
    [GNTTABOP_swap_grant_ref] = sizeof(struct gnttab_swap_grant_ref),
    [GNTTABOP_map_grant_ref] = sizeof(struct gnttab_map_grant_ref),
    [GNTTABOP_unmap_grant_ref] = sizeof(struct gnttab_unmap_grant_ref),
    [GNTTABOP_unmap_and_replace] = sizeof(struct gnttab_unmap_and_replace),
};

/* Error of the whole call, or 0 and the entries' statuses are set. */
static s64 do_batch(u32 cmd, union entries *op, u64 n)
{
    s64 rc;

    switch (cmd) {
    case GNTTABOP_transfer:
        for (u64 i = 0; i < n; i++)
            op->transfer[i].status = transfer_status(&op->transfer[i]);
        return 0;
    case GNTTABOP_copy:
        rc = l0_call3(__HYPERVISOR_grant_table_op, GNTTABOP_copy, op, n);
        for (u64 i = 0; i < n && rc; i++)
            op->copy[i].status = GNTST_general_error;
        return 0;
    }
    /* what old Xens lack for HVM domains they lack for all */
    return l0_call3(__HYPERVISOR_grant_table_op, GNTTABOP_swap_grant_ref, op, n);
}

s64 grant_one(u32 cmd, void *op)
{
    return do_batch(cmd, op, 1);
}

s64 grant_list_op(u32 cmd, u64 arg, u64 count)
{
    struct vcpu *v = current();
    union entries op;
    u64 n, size;

    if (cmd >= ARRAY_SIZE(entry_size) || !entry_size[cmd])
        return -XEN_ENOSYS;
    size = entry_size[cmd];
    if (count && !guest_range_ok(arg, count * size))
        return -XEN_EFAULT;
    if (cmd == GNTTABOP_map_grant_ref)
        return grant_map(arg, count);
    if (cmd == GNTTABOP_unmap_grant_ref || cmd == GNTTABOP_unmap_and_replace)
        return grant_unmap(cmd, arg, count);
    for (u64 i = 0; i < count; i += n, arg += n * size) {
        if (unlikely(work_done(v, 0)) && i)
            return call_again(v, 3, cmd, arg, count - i);
        n = min_t(u64, BATCH, count - i);
        if (!copy_from_guest(&op, arg, n * size))
            return -XEN_EFAULT;
        work_done(v, (s32)n * WORK_L0);
        s64 rc = do_batch(cmd, &op, n);
        if (rc)
            return rc;
        if (!copy_to_guest(arg, &op, n * size))
            return -XEN_EFAULT;
    }
    return 0;
}

/* Caches are coherent: there is nothing to do, but to say what Xen says on x86. */
s64 grant_cache_flush(u64 arg, u64 count)
{
    struct vcpu *v = current();

    for (u64 i = 0; i < count; i++) {
        struct gnttab_cache_flush op;

        if (unlikely(work_done(v, 1)) && i)
            return call_again(v, 3, GNTTABOP_cache_flush, arg + i * sizeof(op), count - i);
        if (!copy_from_guest(&op, arg + i * sizeof(op), sizeof(op)))
            return -XEN_EFAULT;
        if (op.offset + op.length > (u32)PAGE_SIZE ||
            op.op & ~(GNTTAB_CACHE_INVAL | GNTTAB_CACHE_CLEAN))
            return -XEN_EINVAL;
        if (!op.length || !op.op)
            continue;
        if (!frame_ok(op.a.dev_bus_addr >> PAGE_SHIFT))
            return -XEN_EINVAL;
        if (op.op == GNTTAB_CACHE_INVAL)
            return -XEN_EOPNOTSUPP;
    }
    return 0;
}
