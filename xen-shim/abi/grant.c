// SPDX-License-Identifier: MIT
/*
 * grant_table_op.  L0's table is the guest's: its frames are mapped once at GFNs that hold no RAM
 * and their numbers are what the guest maps.  Never cleared: toolstacks put entries in first.
 */
#include "grant.h"

#include "grant_map.h"
#include "guest.h"
#include "hypercall.h"
#include "l0.h"
#include "preempt.h"
#include "shim.h"
#include "usercopy.h"

#define MAX_GRANT_FRAMES  64
#define MAX_STATUS_FRAMES (MAX_GRANT_FRAMES * sizeof(grant_status_t) / sizeof(union grant_entry_v2))

/* Frames of L0's and where they are: once given a GFN stays, in a new domain too. */
struct frames {
    u32 index; /* of XENMAPSPACE_grant_table, of the first */
    mfn_t mfn[MAX_GRANT_FRAMES];
    u64 mapped; /* a bit a frame */
};
static struct frames table, status_words = {.index = XENMAPIDX_grant_table_status};
static u32 version = 1;
static u32 own_domid = DOMID_INVALID;
static lock_t frames_lock;

static s64 map_frame(struct frames *f, u32 i, u64 *mfn)
{
    if (!f->mfn[i])
        f->mfn[i] = l0_unused_gfn();
    if (!f->mfn[i])
        return -XEN_ENOSPC;
    if (!(f->mapped >> i & 1)) {
        s64 rc = l0_map(XENMAPSPACE_grant_table, f->index + i, f->mfn[i]);
        if (rc)
            return rc;
        f->mapped |= 1UL << i;
    }
    *mfn = f->mfn[i];
    return 0;
}

void *grant_frame(u32 i, bool status)
{
    const struct frames *f = status ? &status_words : &table;

    return i < MAX_GRANT_FRAMES && f->mapped >> i & 1 ? mfn_va(f->mfn[i]) : NULL;
}

u32 grant_version(void)
{
    return version;
}

/* L0 has no call for it, but says at whom a port is aimed. */
u32 grant_own_domid(void)
{
    struct evtchn_alloc_unbound open = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};

    if (own_domid == DOMID_INVALID && !l0_evtchn(EVTCHNOP_alloc_unbound, &open)) {
        struct evtchn_status s = {.dom = DOMID_SELF, .port = open.port};
        struct evtchn_close c = {.port = open.port};
        if (!l0_evtchn(EVTCHNOP_status, &s) && s.status == EVTCHNSTAT_unbound)
            own_domid = s.u.unbound.dom;
        l0_evtchn(EVTCHNOP_close, &c);
    }
    return own_domid;
}

static s64 l0_set_version(u32 wanted)
{
    struct gnttab_set_version op = {.version = wanted};

    return l0_call2(__HYPERVISOR_grant_table_op, GNTTABOP_set_version, &op);
}

/* A guest of version 2 goes on in it, as its kernel may have no code for another. */
void grant_disconnected(void)
{
    table.mapped = status_words.mapped = 0;
    own_domid = DOMID_INVALID;
    grant_map_reset();
    if (version == 2 && l0_set_version(2))
        refuse("this host has no grant tables of version 2, which the guest was started with");
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
        if (map_frame(&table, i, &mfn))
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

/* As many as L0's table needs now. */
static u32 nr_status_frames(void)
{
    struct gnttab_query_size q = {.dom = DOMID_SELF};

    if (version != 2 || l0_call3(__HYPERVISOR_grant_table_op, GNTTABOP_query_size, &q, 1))
        return 0;
    u64 bytes = q.nr_frames * PAGE_SIZE / sizeof(union grant_entry_v2) * sizeof(grant_status_t);
    return (u32)min_t(u64, round_up(bytes, PAGE_SIZE) >> PAGE_SHIFT, MAX_STATUS_FRAMES);
}

static s64 get_status_frames(u64 arg, u64 count)
{
    struct gnttab_get_status_frames op;

    if (count != 1)
        return -XEN_EINVAL;
    if (!copy_from_guest(&op, arg, sizeof(op)) ||
        !guest_range_ok((u64)op.frame_list.p, op.nr_frames * 8UL))
        return -XEN_EFAULT;
    op.status = !own_domain(op.dom)                 ? GNTST_bad_domain
                : op.nr_frames > nr_status_frames() ? GNTST_general_error
                                                    : GNTST_okay;
    lock(&frames_lock);
    for (u32 i = 0; i < op.nr_frames && op.status == GNTST_okay; i++) {
        u64 mfn;
        if (map_frame(&status_words, i, &mfn))
            op.status = GNTST_general_error;
        else if (!put_guest_u64((u64)op.frame_list.p + i * 8, mfn))
            op.status = GNTST_bad_virt_addr;
    }
    unlock(&frames_lock);
    return copy_to_guest(arg, &op, sizeof(op)) ? 0 : -XEN_EFAULT;
}

/* An L0 that has version 1 only (3.4) says so by not having the call. */
static s64 set_version(u64 arg)
{
    struct gnttab_set_version op;
    s64 rc = 0;

    if (!copy_from_guest(&op, arg, sizeof(op)))
        return -XEN_EFAULT;
    if (op.version != 1 && op.version != 2)
        return -XEN_EINVAL;
    lock(&frames_lock);
    if (op.version != version)
        rc = grant_map_none_of_self() ? l0_set_version(op.version) : -XEN_EBUSY;
    if (!rc && op.version != version) {
        version = op.version;
        status_words.mapped = 0; /* a change to version 1 takes them away */
    }
    unlock(&frames_lock);
    if (rc && rc != -XEN_EBUSY)
        return rc;
    op.version = version;
    return copy_to_guest(arg, &op, sizeof(op)) ? rc : -XEN_EFAULT;
}

static s64 get_version(u64 arg)
{
    struct gnttab_get_version op;

    if (!copy_from_guest(&op, arg, sizeof(op)))
        return -XEN_EFAULT;
    if (!own_domain(op.dom)) {
        s64 rc = l0_call2(__HYPERVISOR_grant_table_op, GNTTABOP_get_version, &op);
        if (rc)
            return rc == -XEN_ENOSYS ? -XEN_ESRCH : rc;
    } else {
        op.version = version;
    }
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
