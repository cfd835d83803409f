// SPDX-License-Identifier: MIT
/* memory_op: the guest's memory map and size, ballooning to and from L0. */
#include "frames.h"
#include "guest.h"
#include "hypercall.h"
#include "l0.h"
#include "map.h"
#include "mmu.h"
#include "shim.h"
#include "usercopy.h"

static lock_t balloon_lock; /* l0_batch too */

/* For the first n of the batch; returns for how many it was done. */
static u64 l0_pages(u32 op, u64 n)
{
    s64 done = l0_reservation(op, n, 0);

    return done > 0 ? (u64)done : 0;
}

/* A frame of the guest's that is no page table, and that neither the shim nor a CPU uses. */
static bool may_go(u64 mfn)
{
    return mmu_frame_ok(mfn) && !(*frame_state(mfn) & (FRAME_PINNED | FRAME_HELD));
}

/* Common checks of the reservation calls; the number of extents done so far is in cmd's top.
 * False: *rc is the result. */
static bool read_reservation(struct xen_memory_reservation *r, u64 arg, u64 start, s64 *rc)
{
    *rc = (s64)start; /* nothing done: these calls count, they don't fail */
    if (!copy_from_guest(r, arg, sizeof(*r)))
        return false;
    if (r->domid != DOMID_SELF && r->domid != guest.domid)
        return false;
    return r->extent_order <= 9 && start <= r->nr_extents;
}

/*
 * Gives frames back to L0; returns the number of extents done.  As many as can be in one call:
 * after each L0 has the device model forget its mappings, and makes us wait for that.
 */
static s64 decrease(struct xen_memory_reservation *r, u64 start)
{
    u64 list = (u64)r->extent_start.p, frames_per = 1UL << r->extent_order, i = start;

    while (i < r->nr_extents) {
        u64 n = 0, mfn, k;
        for (u64 e = i; e < r->nr_extents && n + frames_per <= L0_BATCH; e++, n += frames_per) {
            if (!get_guest_u64(&mfn, list + e * 8))
                break;
            for (k = 0; k < frames_per && may_go(mfn + k); k++)
                l0_batch[n + k] = mfn + k;
            if (k < frames_per)
                break;
        }
        u64 got = n ? l0_pages(XENMEM_decrease_reservation, n) : 0;
        for (k = 0; k < got; k++) {
            m2p_set(l0_batch[k], INVALID_PFN);
            *frame_state(l0_batch[k]) = FRAME_HOLE;
        }
        guest.nr_pages -= got;
        i += got >> r->extent_order;
        if (!n || got < n)
            break;
    }
    return (s64)i;
}

/* Machine frames that were given back, n in a row; the search starts where the last one ended. */
static mfn_t find_hole(u64 n)
{
    static mfn_t next;

    for (mfn_t tried = 0; tried < m2p_end; tried++) {
        if (next + n > m2p_end)
            next = 0;
        u64 k = 0;
        while (k < n && *frame_state(next + k) == FRAME_HOLE)
            k++;
        if (k == n)
            return next;
        next += k + 1;
    }
    return 0;
}

static s64 populate(struct xen_memory_reservation *r, u64 start)
{
    u64 list = (u64)r->extent_start.p, frames_per = 1UL << r->extent_order, i = start;

    while (i < r->nr_extents) {
        u64 n = 0, pfn, k;
        mfn_t mfn;
        for (u64 e = i; e < r->nr_extents && n + frames_per <= L0_BATCH; e++) {
            if (!get_guest_u64(&pfn, list + e * 8) ||
                guest.nr_pages + n + frames_per > guest.max_pages || !(mfn = find_hole(frames_per)))
                break;
            for (k = 0; k < frames_per; k++) {
                *frame_state(mfn + k) = 0; /* not to be found again */
                m2p_set(mfn + k, pfn + k);
                l0_batch[n++] = mfn + k;
            }
        }
        u64 got = n ? l0_pages(XENMEM_populate_physmap, n) : 0;
        for (k = 0; k < n; k++) {
            *frame_state(l0_batch[k]) = k < got ? FRAME_RAM : FRAME_HOLE;
            if (k >= got)
                m2p_set(l0_batch[k], INVALID_PFN);
        }
        guest.nr_pages += got;
        for (k = 0; k + frames_per <= got; k += frames_per, i++)
            if (!put_guest_u64(list + i * 8, l0_batch[k]))
                return (s64)i;
        if (!n || got < n)
            break;
    }
    return (s64)i;
}

/* One range of RAM, from 0, as Xen tells a domU: what it has, or may balloon up to. */
static s64 memory_map(u64 arg)
{
    struct xen_memory_map op;
    struct {
        u64 addr, size;
        u32 type;
    } __attribute__((packed)) e = {0, guest.max_pages << PAGE_SHIFT, 1};

    if (!copy_from_guest(&op, arg, sizeof(op)))
        return -XEN_EFAULT;
    if (op.nr_entries && !copy_to_guest((u64)op.buffer.p, &e, sizeof(e)))
        return -XEN_EFAULT;
    op.nr_entries = op.nr_entries != 0;
    return copy_to_guest(arg, &op, sizeof(op)) ? 0 : -XEN_EFAULT;
}

static s64 machphys_mapping(u64 arg)
{
    struct xen_machphys_mapping m = {M2P_RO, M2P_RO_END, m2p_end - 1};

    return copy_to_guest(arg, &m, sizeof(m)) ? 0 : -XEN_EFAULT;
}

static s64 query_domain(u64 arg, u64 answer)
{
    domid_t id;

    if (!copy_from_guest(&id, arg, sizeof(id)))
        return -XEN_EFAULT;
    return id == DOMID_SELF || id == guest.domid ? (s64)answer : -XEN_ESRCH;
}

static s64 reservation(u32 op, u64 arg, u64 start)
{
    struct xen_memory_reservation r;
    s64 rc;

    if (!read_reservation(&r, arg, start, &rc))
        return rc;
    lock(&balloon_lock);
    rc = op == XENMEM_populate_physmap ? populate(&r, start) : decrease(&r, start);
    unlock(&balloon_lock);
    return rc;
}

s64 do_memory_op(u64 cmd, u64 arg, u64 a3, u64 a4, u64 a5)
{
    u32 op = (u32)cmd & 63;

    (void)a3, (void)a4, (void)a5;
    switch (op) {
    case XENMEM_decrease_reservation:
    case XENMEM_populate_physmap:
        return reservation(op, arg, (u32)cmd >> 6);
    case XENMEM_current_reservation:
        return query_domain(arg, guest.nr_pages);
    case XENMEM_maximum_reservation:
        return query_domain(arg, guest.max_pages);
    case XENMEM_maximum_ram_page:
        return (s64)m2p_end - 1;
    case XENMEM_memory_map:
        return memory_map(arg);
    case XENMEM_machphys_mapping:
        return machphys_mapping(arg);
    case XENMEM_increase_reservation: /* frames without a PFN: nothing has used it for long */
        return (u32)cmd >> 6;
    case XENMEM_machine_memory_map:
        return -XEN_EPERM;
    case XENMEM_machphys_mfn_list:
    case XENMEM_set_memory_map:
    case XENMEM_add_to_physmap: /* a PV guest's physical memory is its own affair */
    case XENMEM_get_vnumainfo:
        return do_control_op(arg, 0, 0, 0, 0);
    }
    return -XEN_ENOSYS;
}
