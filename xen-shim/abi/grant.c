// SPDX-License-Identifier: MIT
/*
 * grant_table_op.  L0's table is the guest's: its frames are mapped once at GFNs that hold no RAM
 * and their numbers are what the guest maps.  Never cleared: toolstacks put entries in first.
 */
#include "grant.h"

#include "guest.h"
#include "hypercall.h"
#include "l0.h"
#include "preempt.h"
#include "shim.h"
#include "usercopy.h"

#define MAX_GRANT_FRAMES 64

static mfn_t grant_mfn[MAX_GRANT_FRAMES]; /* once given they stay, in a new domain too */
static u64 mapped;                        /* which are mapped; a bit a frame */
static lock_t frames_lock;

static s64 frame(u32 i, u64 *mfn)
{
    if (!grant_mfn[i])
        grant_mfn[i] = l0_unused_gfn();
    if (!grant_mfn[i])
        return -XEN_ENOSPC;
    if (!(mapped >> i & 1)) {
        s64 rc = l0_map(XENMAPSPACE_grant_table, i, grant_mfn[i]);
        if (rc)
            return rc;
        mapped |= 1UL << i;
    }
    *mfn = grant_mfn[i];
    return 0;
}

void grant_disconnected(void)
{
    mapped = 0;
}

static bool own_domain(u16 dom)
{
    return dom == DOMID_SELF || dom == guest.domid;
}

static s64 setup_table(u64 arg, u64 count)
{
    struct gnttab_setup_table op;

    if (count != 1)
        return -XEN_EINVAL;
    if (!copy_from_guest(&op, arg, sizeof(op)) ||
        !guest_range_ok((u64)op.frame_list.p, op.nr_frames * 8UL))
        return -XEN_EFAULT;
    op.status = GNTST_okay;
    if (!own_domain(op.dom))
        op.status = GNTST_bad_domain;
    else if (op.nr_frames > MAX_GRANT_FRAMES)
        op.status = GNTST_general_error;
    lock(&frames_lock);
    /* Mapping the last one makes L0's table grow to it. */
    for (u32 i = op.nr_frames; i-- && op.status == GNTST_okay;) {
        u64 mfn;
        if (frame(i, &mfn))
            op.status = GNTST_general_error;
        else if (!put_guest_u64((u64)op.frame_list.p + i * 8, mfn))
            op.status = GNTST_bad_virt_addr;
    }
    unlock(&frames_lock);
    return copy_to_guest(arg, &op, sizeof(op)) ? 0 : -XEN_EFAULT;
}

static s64 query_size(u64 arg, u64 count)
{
    struct gnttab_query_size op;

    if (count != 1)
        return -XEN_EINVAL;
    if (!copy_from_guest(&op, arg, sizeof(op)))
        return -XEN_EFAULT;
    if (own_domain(op.dom))
        op.dom = DOMID_SELF;
    s64 rc = l0_call3(__HYPERVISOR_grant_table_op, GNTTABOP_query_size, &op, 1);
    if (rc)
        return rc;
    op.max_nr_frames = min_t(u32, op.max_nr_frames, MAX_GRANT_FRAMES);
    return copy_to_guest(arg, &op, sizeof(op)) ? 0 : -XEN_EFAULT;
}

/* Version 1 has none. */
static s64 get_status_frames(u64 arg, u64 count)
{
    struct gnttab_get_status_frames op;

    if (count != 1)
        return -XEN_EINVAL;
    if (!copy_from_guest(&op, arg, sizeof(op)) ||
        !guest_range_ok((u64)op.frame_list.p, op.nr_frames * 8UL))
        return -XEN_EFAULT;
    op.status = !own_domain(op.dom) ? GNTST_bad_domain
                : op.nr_frames      ? GNTST_general_error
                                    : GNTST_okay;
    return copy_to_guest(arg, &op, sizeof(op)) ? 0 : -XEN_EFAULT;
}

static s64 set_version(u64 arg)
{
    struct gnttab_set_version op;

    if (!copy_from_guest(&op, arg, sizeof(op)))
        return -XEN_EFAULT;
    if (op.version != 1 && op.version != 2)
        return -XEN_EINVAL;
    /* Version 2's status frames have no way to an HVM guest that all L0s offer. */
    if (op.version == 2)
        return -XEN_ENOSYS;
    op.version = 1;
    return copy_to_guest(arg, &op, sizeof(op)) ? 0 : -XEN_EFAULT;
}

static s64 get_version(u64 arg)
{
    struct gnttab_get_version op;

    if (!copy_from_guest(&op, arg, sizeof(op)))
        return -XEN_EFAULT;
    if (!own_domain(op.dom))
        return -XEN_ESRCH;
    op.version = 1;
    return copy_to_guest(arg, &op, sizeof(op)) ? 0 : -XEN_EFAULT;
}

s64 do_grant_table_op(u64 cmd, u64 arg, u64 count, u64 a4, u64 a5)
{
    (void)a4, (void)a5;
    if ((s32)count < 0 || ((u32)cmd >> 12 && (cmd & 0xfff) != GNTTABOP_cache_flush))
        return -XEN_EINVAL;
    switch ((u32)cmd) {
    case GNTTABOP_setup_table:
        return setup_table(arg, (u32)count);
    case GNTTABOP_query_size:
        return query_size(arg, (u32)count);
    case GNTTABOP_set_version:
        return set_version(arg);
    case GNTTABOP_get_version:
        return get_version(arg);
    case GNTTABOP_get_status_frames:
        return get_status_frames(arg, (u32)count);
    case GNTTABOP_cache_flush:
        return grant_cache_flush(arg, (u32)count);
    }
    return grant_list_op((u32)cmd, arg, (u32)count);
}
