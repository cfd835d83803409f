// SPDX-License-Identifier: MIT
/*
 * Grant operations on lists: each entry has a status of its own, and the call fails only when the
 * list can't be read or written.  Guests make sure of that with a BUG.  Foreign frames can't be
 * mapped here (docs/LIMITS.md), so there is no handle, either.
 */
#include "frames.h"
#include "grant.h"
#include "l0.h"
#include "map.h"
#include "mmu.h"
#include "preempt.h"
#include "shim.h"
#include "usercopy.h"

/* For a domain that is there Xen would look at the entry; that we can't hand on. */
static s16 map_status(const struct gnttab_map_grant_ref *op)
{
    struct gnttab_query_size there = {.dom = op->dom};

    if (!(op->flags & (GNTMAP_device_map | GNTMAP_host_map)))
        return GNTST_bad_gntref;
    if (op->dom == DOMID_SELF ||
        l0_call3(__HYPERVISOR_grant_table_op, GNTTABOP_query_size, &there, 1) ||
        there.status == GNTST_bad_domain)
        return GNTST_bad_domain;
    return GNTST_general_error;
}

/* Only a page that nothing refers to could go; where it would go nobody here knows. */
static s16 transfer_status(const struct gnttab_transfer *op)
{
    if (!frame_ok(op->mfn) || *frame_state(op->mfn) & FRAME_PINNED || mmu_is_root(op->mfn))
        return GNTST_bad_page;
    return GNTST_general_error;
}

s64 grant_one(u32 cmd, void *op)
{
    s64 rc;

    switch (cmd) {
    case GNTTABOP_map_grant_ref:
        ((struct gnttab_map_grant_ref *)op)->status = map_status(op);
        return 0;
    case GNTTABOP_unmap_grant_ref:
        ((struct gnttab_unmap_grant_ref *)op)->status = GNTST_bad_handle;
        return 0;
    case GNTTABOP_unmap_and_replace:
        ((struct gnttab_unmap_and_replace *)op)->status = GNTST_bad_handle;
        return 0;
    case GNTTABOP_transfer:
        ((struct gnttab_transfer *)op)->status = transfer_status(op);
        return 0;
    case GNTTABOP_copy:
        rc = l0_call3(__HYPERVISOR_grant_table_op, GNTTABOP_copy, op, 1);
        if (rc)
            ((struct gnttab_copy *)op)->status = GNTST_general_error;
        return 0;
    case GNTTABOP_swap_grant_ref: /* what old Xens lack for HVM domains they lack for all */
        return l0_call3(__HYPERVISOR_grant_table_op, GNTTABOP_swap_grant_ref, op, 1);
    }
    return -XEN_ENOSYS;
}

static const u8 entry_size[] = {
    [GNTTABOP_map_grant_ref] = sizeof(struct gnttab_map_grant_ref),
    [GNTTABOP_unmap_grant_ref] = sizeof(struct gnttab_unmap_grant_ref),
    [GNTTABOP_unmap_and_replace] = sizeof(struct gnttab_unmap_and_replace),
    [GNTTABOP_transfer] = sizeof(struct gnttab_transfer),
    [GNTTABOP_copy] = sizeof(struct gnttab_copy),
    [GNTTABOP_swap_grant_ref] = sizeof(struct gnttab_swap_grant_ref),
};

s64 grant_list_op(u32 cmd, u64 arg, u64 count)
{
    struct vcpu *v = current();
    u64 op[8];

    if (cmd >= ARRAY_SIZE(entry_size) || !entry_size[cmd])
        return -XEN_ENOSYS;
    u64 size = entry_size[cmd];
    if (count && !guest_range_ok(arg, count * size))
        return -XEN_EFAULT;
    for (u64 i = 0; i < count; i++, arg += size) {
        if (unlikely(work_done(v, WORK_L0)) && i)
            return call_again(v, 3, cmd, arg, count - i);
        if (!copy_from_guest(op, arg, size))
            return -XEN_EFAULT;
        s64 rc = grant_one(cmd, op);
        if (rc)
            return rc;
        if (!copy_to_guest(arg, op, size))
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
