// SPDX-License-Identifier: MIT
/* memory_op of a 32-bit guest: lists of frames have words of 32 bits. */
#include "compat.h"

#include "frames.h"
#include "preempt.h"
#include "shim.h"

/* Extents in one go.  do_memory_op has no more than a slice's work done before it is preempted, so
 * more would be translated in vain. */
#define CHUNK (WORK_SLICE / WORK_PAGE)

#define XENMEM_claim_pages 24 /* which <xen/memory.h> shows to tools only */

/* The translation area: the reservation, and extents from `start` on. */
struct area {
    struct xen_memory_reservation r;
    u64 extent[CHUNK];
};
_Static_assert(sizeof(struct area) <= XLAT_BYTES, "the translation area is too small");

/* As many of the guest's extents as can be read; the number of them. */
static u64 read_extents(struct area *area, u64 list, u64 n)
{
    u32 word[CHUNK];
    u64 whole = n;

    if (!copy_from_guest32(word, list, n * sizeof(u32)))
        for (whole = 0; whole < n; whole++)
            if (!copy_from_guest32(word + whole, list + whole * sizeof(u32), sizeof(u32)))
                break;
    for (u64 i = 0; i < whole; i++)
        area->extent[i] = word[i];
    return whole;
}

/* The frames that extents were populated with; the number of extents that the guest knows of. */
static u64 write_extents(const struct area *area, u64 list, u64 n)
{
    for (u64 i = 0; i < n; i++) {
        u32 mfn = (u32)area->extent[i];

        if (!copy_to_guest32(list + i * sizeof(u32), &mfn, sizeof(mfn)))
            return i;
    }
    return n;
}

/*
 * The handler sees a reservation that ends where what was translated ends, with the extents of
 * before at addresses that it doesn't look at: so all its numbers are the guest's own.
 */
static s64 reservation(u32 op, u64 arg, u64 start)
{
    struct vcpu *v = current();
    struct area *area = (struct area *)XLAT_VIRT;
    struct xen_memory_reservation_x86_32 r;

    if (!copy_from_guest32(&r, arg, sizeof(r)) || start > r.nr_extents || r.nr_extents > ~0u >> 6 ||
        !range32_ok(r.extent_start, r.nr_extents * 4UL))
        return (s64)start; /* these calls count, they don't fail */

    u64 list = r.extent_start + start * sizeof(u32), left = r.nr_extents - start;
    u64 n = read_extents(area, list, min_t(u64, left, CHUNK));
    area->r = (struct xen_memory_reservation){
        .extent_start.p =
            (xen_pfn_t *)(XLAT_VIRT + offsetof(struct area, extent) - start * sizeof(u64)),
        .nr_extents = start + n,
        .extent_order = r.extent_order,
        .mem_flags = r.mem_flags,
        .domid = r.domid,
    };
    s64 rc = do_memory_op(op | start << 6, XLAT_VIRT, 0, 0, 0);
    u64 done = v->again.wanted ? v->again.arg[0] >> 6 : (u64)rc;
    bool more = v->again.wanted || (done == start + n && n < left);

    v->again.wanted = false;
    if (op == XENMEM_populate_physmap) {
        u64 known = start + write_extents(area, list, done - start);

        more &= known == done;
        done = known;
    }
    if (n < min_t(u64, left, CHUNK) && done == start + n)
        more = false; /* the next one can't be read */
    return more ? call_again(v, 1, op | done << 6, arg, 0) : (s64)done;
}

static s64 memory_map(u32 op, u64 arg)
{
    struct xen_memory_map *native = (struct xen_memory_map *)XLAT_VIRT;
    struct xen_memory_map_x86_32 map;

    if (!copy_from_guest32(&map, arg, sizeof(map)))
        return -XEN_EFAULT;
    *native =
        (struct xen_memory_map){.nr_entries = map.nr_entries, .buffer.p = (void *)(u64)map.buffer};
    s64 rc = do_memory_op(op, XLAT_VIRT, 0, 0, 0);
    if (rc)
        return rc;
    map.nr_entries = native->nr_entries;
    return copy_to_guest32(arg, &map, sizeof(map)) ? 0 : -XEN_EFAULT;
}

static s64 machphys_mapping(u64 arg)
{
    struct xen_machphys_mapping_x86_32 m = {
        .v_start = M2P32_RO,
        .v_end = M2P32_RO_END,
        .max_mfn = (u32)min_t(u64, m2p_end, (M2P32_RO_END - M2P32_RO) / sizeof(u32)) - 1,
    };

    return copy_to_guest32(arg, &m, sizeof(m)) ? 0 : -XEN_EFAULT;
}

#define MAX_EXCHANGE 512 /* extents in a list: a row of the largest order, frame by frame */

struct exchange_area {
    struct xen_memory_exchange x;
    u64 in[MAX_EXCHANGE], out[MAX_EXCHANGE];
    u32 narrow[MAX_EXCHANGE];
};
_Static_assert(sizeof(struct exchange_area) <= XLAT_BYTES, "");

static bool widen(struct exchange_area *area, u64 *list, u32 from, u32 n)
{
    if (!copy_from_guest32(area->narrow, from, n * sizeof(u32)))
        return false;
    for (u32 i = 0; i < n; i++)
        list[i] = area->narrow[i];
    return true;
}

static struct xen_memory_reservation native_list(const struct xen_memory_reservation_x86_32 *r,
                                                 u64 *list)
{
    return (struct xen_memory_reservation){
        .extent_start.p = (void *)list,
        .nr_extents = r->nr_extents,
        .extent_order = r->extent_order,
        .mem_flags = r->mem_flags,
        .domid = r->domid,
    };
}

/* Both lists at once, as they are short: XenLinux makes a row of some frames. */
static s64 exchange(u64 cmd, u64 arg)
{
    struct exchange_area *area = (void *)XLAT_VIRT;
    struct xen_memory_exchange_x86_32 x;
    struct vcpu *v = current();

    if (!copy_from_guest32(&x, arg, sizeof(x)))
        return -XEN_EFAULT;
    if (x.in.nr_extents > MAX_EXCHANGE || x.out.nr_extents > MAX_EXCHANGE)
        return -XEN_EPERM;
    if (!widen(area, area->in, x.in.extent_start, x.in.nr_extents) ||
        !widen(area, area->out, x.out.extent_start, x.out.nr_extents))
        return -XEN_EFAULT;
    area->x = (struct xen_memory_exchange){
        .in = native_list(&x.in, area->in),
        .out = native_list(&x.out, area->out),
        .nr_exchanged = x.nr_exchanged,
    };
    s64 rc = do_memory_op(cmd, XLAT_VIRT, 0, 0, 0);
    for (u32 i = 0; i < x.out.nr_extents; i++)
        area->narrow[i] = (u32)area->out[i];
    x.nr_exchanged = (u32)area->x.nr_exchanged;
    if (copy_to_guest32(x.out.extent_start, area->narrow, x.out.nr_extents * sizeof(u32)) &&
        copy_to_guest32(arg + offsetof(struct xen_memory_exchange_x86_32, nr_exchanged),
                        &x.nr_exchanged, sizeof(x.nr_exchanged)))
        return rc;
    v->again.wanted = false;
    return -XEN_EFAULT;
}

s64 compat_memory_op(u64 cmd, u64 arg, u64 a3, u64 a4, u64 a5)
{
    u32 op = (u32)cmd & 63;

    switch (op) {
    case XENMEM_decrease_reservation:
    case XENMEM_populate_physmap:
        return reservation(op, arg, (u32)cmd >> 6);
    case XENMEM_memory_map:
        return memory_map(op, arg);
    case XENMEM_machphys_mapping:
        return machphys_mapping(arg);
    case XENMEM_exchange:
        return exchange(cmd, arg);
    case XENMEM_claim_pages: /* on Xen there is no translation of it */
        return -XEN_ENOSYS;
    case XENMEM_machphys_compat_mfn_list: /* which is what machphys_mfn_list is to them */
        return do_memory_op(XENMEM_machphys_mfn_list, arg, a3, a4, a5);
    }
    /* Numbers, or refused; a count that has no room is the largest one. */
    s64 rc = do_memory_op(cmd, arg, a3, a4, a5);
    return rc > INT32_MAX ? INT32_MAX : rc;
}
