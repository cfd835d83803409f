// SPDX-License-Identifier: MIT
/* memory_op: the guest's memory map and size, ballooning to and from L0. */
#include "balloon.h"
#include "frames.h"
#include "guest.h"
#include "hypercall.h"
#include "l0.h"
#include "map.h"
#include "mmu.h"
#include "preempt.h"
#include "shim.h"
#include "usercopy.h"

#define MAX_EXTENTS (~0u >> 6) /* as many as can be counted in the command */

/*
 * Pages in one call to L0: a slice's work, as L0 sees none of our interrupts meanwhile.  Not fewer:
 * after each call L0 has the device model forget its mappings, and makes us wait for that.
 */
#define BATCH (WORK_SLICE / WORK_PAGE)

lock_t balloon_lock; /* no_run_below too */

/* For the first n of the batch; returns for how many it was done. */
static u64 l0_pages(u32 op, u64 n)
{
    s64 done = l0_reservation(op, n, 0);

    return done > 0 ? (u64)done : 0;
}

/* A frame of the guest's that is no page table, and that neither the shim nor a CPU uses. */
static bool may_go(mfn_t mfn)
{
    return frame_ok(mfn) && !(*frame_state(mfn) & (FRAME_PINNED | FRAME_HELD));
}

s64 balloon_read_extent(mfn_t *to, u64 addr, u32 order)
{
    u64 mfn;

    if (!get_guest_u64(&mfn, addr))
        return -XEN_EFAULT;
    for (u64 k = 0; k < 1UL << order; k++) {
        if (!may_go(mfn + k))
            return -XEN_EINVAL;
        to[k] = mfn + k;
    }
    return 0;
}

/* No holes in a row, of this order, lie below.  Holes that are filled change nothing of it. */
static mfn_t no_run_below[MAX_ORDER + 1];

static void set_hole(mfn_t mfn)
{
    m2p_set(mfn, INVALID_PFN);
    *frame_state(mfn) = FRAME_HOLE;
    frame_set_add(&holes, mfn);
    for (u32 order = 0; order <= MAX_ORDER; order++)
        if (no_run_below[order] > mfn)
            no_run_below[order] = mfn & ~((1UL << order) - 1);
}

u64 balloon_give(u64 n)
{
    u64 got = n ? l0_pages(XENMEM_decrease_reservation, n) : 0;

    for (u64 k = 0; k < got; k++)
        set_hole(l0_batch[k]);
    guest.nr_pages -= got;
    return got;
}

u64 balloon_take(u64 n)
{
    u64 k, got;

    for (k = 0; k < n; k++)
        *frame_state(l0_batch[k]) = 0; /* not to be found again */
    got = n ? l0_pages(XENMEM_populate_physmap, n) : 0;
    for (k = 0; k < got; k++)
        *frame_state(l0_batch[k]) = FRAME_RAM;
    for (; k < n; k++)
        set_hole(l0_batch[k]);
    guest.nr_pages += got;
    return got;
}

/* Common checks of the reservation calls; the number of extents done so far is in cmd's top.
 * False: *rc is the result. */
static bool read_reservation(struct xen_memory_reservation *r, u64 arg, u64 start, s64 *rc)
{
    *rc = (s64)start; /* nothing done: these calls count, they don't fail */
    if (!copy_from_guest(r, arg, sizeof(*r)))
        return false;
    if (!own_domain(r->domid))
        return false;
    return r->extent_order <= MAX_ORDER && start <= r->nr_extents && r->nr_extents <= MAX_EXTENTS;
}

/*
 * The two work on a batch: extents from *done on, at least one.  *done goes on by those that were
 * done.  False when one couldn't be, which ends the call.
 */
static bool decrease(const struct xen_memory_reservation *r, u64 *done)
{
    u64 list = (u64)r->extent_start.p, frames_per = 1UL << r->extent_order, n = 0;
    bool good = true;

    for (u64 e = *done; good && e < r->nr_extents && (!n || n + frames_per <= BATCH); e++) {
        good = !balloon_read_extent(&l0_batch[n], list + e * 8, r->extent_order);
        if (good)
            n += frames_per;
    }
    u64 got = balloon_give(n);
    *done += got >> r->extent_order;
    return good && got == n;
}

mfn_t balloon_find_holes(u32 order)
{
    mfn_t *from = &no_run_below[order];

    return frame_set_run(&holes, from, 1UL << order) || *from == m2p_end ? *from : 0;
}

static bool populate(const struct xen_memory_reservation *r, u64 *done)
{
    u64 list = (u64)r->extent_start.p, frames_per = 1UL << r->extent_order, n = 0, pfn, k;
    bool good = true;

    for (u64 e = *done; e < r->nr_extents && (!n || n + frames_per <= BATCH); e++) {
        mfn_t mfn = m2p_end;
        good = get_guest_u64(&pfn, list + e * 8) &&
               guest.nr_pages + n + frames_per <= guest.max_pages &&
               (mfn = balloon_find_holes(r->extent_order)) != m2p_end;
        if (!good || !mfn)
            break;
        for (k = 0; k < frames_per; k++) {
            *frame_state(mfn + k) = 0; /* not to be found again */
            m2p_set(mfn + k, pfn + k);
            l0_batch[n++] = mfn + k;
        }
    }
    u64 got = balloon_take(n);
    for (k = 0; k + frames_per <= got; k += frames_per, ++*done)
        if (!put_guest_u64(list + *done * 8, l0_batch[k]))
            return false;
    return good && got == n;
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

s64 memory_of_domain(u64 arg, s64 answer)
{
    domid_t id;

    if (!copy_from_guest(&id, arg, sizeof(id)))
        return -XEN_EFAULT;
    return own_domain(id) ? answer : -XEN_ESRCH;
}

/* Preempted after each batch; also while another vCPU has the lock, as a call to L0 may be long. */
static s64 reservation(u32 op, u64 arg, u64 start)
{
    struct vcpu *v = current();
    struct xen_memory_reservation r;
    bool more = true;
    u64 done = start;
    s64 rc;

    if (!read_reservation(&r, arg, start, &rc))
        return rc;
    if (done < r.nr_extents && trylock(&balloon_lock)) {
        more = op == XENMEM_populate_physmap ? populate(&r, &done) : decrease(&r, &done);
        unlock(&balloon_lock);
        work_done(v, (s32)(((done - start) << r.extent_order) + 1) * WORK_PAGE);
    }
    if (more && done == start && done < r.nr_extents)
        l0_yield();
    return more && done < r.nr_extents ? call_again(v, 1, op | done << 6, 0, 0) : (s64)done;
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
        return memory_of_domain(arg, (s64)guest.nr_pages);
    case XENMEM_maximum_reservation:
        return memory_of_domain(arg, (s64)guest.max_pages);
    case XENMEM_maximum_ram_page:
        return (s64)m2p_end - 1;
    case XENMEM_memory_map:
        return memory_map(arg);
    case XENMEM_machphys_mapping:
        return machphys_mapping(arg);
    case XENMEM_increase_reservation: /* frames without a PFN: nothing has used it for long */
        return (u32)cmd >> 6;
    case XENMEM_exchange:
        return memory_exchange(arg);
    case XENMEM_machine_memory_map:
        return -XEN_EPERM;
    case XENMEM_machphys_mfn_list:
    case XENMEM_set_memory_map:
        return do_control_op(arg, 0, 0, 0, 0);
    }
    return memory_rest(op, arg);
}
