// SPDX-License-Identifier: MIT
/*
 * XENMEM_exchange: frames of the guest's for others, in smaller or larger extents.  Drivers of real
 * devices want machine memory in a row by it; here a row of GFNs is all that can be had.  So frames
 * that are right already stay, and others are looked for among those that were given back.
 */
#include "balloon.h"
#include "frames.h"
#include "guest.h"
#include "l0.h"
#include "preempt.h"
#include "usercopy.h"

/* What is done at once: extents of the one list that are one of the other. */
struct piece {
    u64 frames, in_list, out_list; /* guest addresses of its extents */
    u32 in_order, out_order;
    mfn_t in[1 << MAX_ORDER];
};

static s64 read_in(struct piece *p)
{
    u64 at = p->in_list;
    s64 rc = 0;

    for (u64 i = 0; i < p->frames && !rc; i += 1UL << p->in_order, at += 8)
        rc = balloon_read_extent(&p->in[i], at, p->in_order);
    return rc;
}

/* Can its frames be the new extents themselves? */
static bool fits(const struct piece *p)
{
    u64 per = 1UL << p->out_order;

    for (u64 i = 0; i < p->frames; i++)
        if (i % per ? p->in[i] != p->in[i - 1] + 1 : p->in[i] & (per - 1))
            return false;
    return true;
}

static bool replace(struct piece *p)
{
    mfn_t run;

    do
        run = balloon_find_holes(p->out_order);
    while (!run);
    if (run == m2p_end)
        return false;
    memcpy(l0_batch, p->in, p->frames * sizeof(*l0_batch));
    u64 gone = balloon_give(p->frames);
    for (u64 i = 0; i < p->frames; i++)
        l0_batch[i] = run + i;
    if (gone == p->frames && balloon_take(p->frames) == p->frames) {
        for (u64 i = 0; i < p->frames; i++)
            p->in[i] = run + i;
        return true;
    }
    /* L0 has less than it had: what was there comes back as far as it does */
    memcpy(l0_batch, p->in, gone * sizeof(*l0_batch));
    balloon_take(gone);
    return false;
}

static s64 do_piece(struct piece *p)
{
    u64 pfn, per = 1UL << p->out_order;
    s64 rc = read_in(p);

    if (rc)
        return rc;
    if (!fits(p) && !replace(p))
        return -XEN_ENOMEM;
    for (u64 i = 0; i < p->frames; i += per) {
        u64 at = p->out_list + (i >> p->out_order) * 8;
        if (!get_guest_u64(&pfn, at) || !put_guest_u64(at, p->in[i]))
            return -XEN_EFAULT;
        for (u64 k = 0; k < per; k++)
            m2p_set(p->in[i + k], pfn + k);
    }
    return 0;
}

static s64 check(const struct xen_memory_exchange *x)
{
    const struct xen_memory_reservation *in = &x->in, *out = &x->out;

    if (in->extent_order > MAX_ORDER || out->extent_order > MAX_ORDER)
        return -XEN_EPERM;
    if (x->nr_exchanged > in->nr_extents || in->domid != out->domid ||
        in->nr_extents > ~0UL >> in->extent_order || out->nr_extents > ~0UL >> out->extent_order ||
        in->nr_extents << in->extent_order != out->nr_extents << out->extent_order)
        return -XEN_EINVAL;
    if (in->nr_extents > ~0u || out->nr_extents > ~0u ||
        !guest_range_ok((u64)in->extent_start.p, in->nr_extents * 8) ||
        !guest_range_ok((u64)out->extent_start.p, out->nr_extents * 8))
        return -XEN_EFAULT;
    return own_domain(in->domid) ? 0 : -XEN_ESRCH;
}

/* How far it came is in the argument, where Xen has it too: preempted, the same call goes on. */
s64 memory_exchange(u64 arg)
{
    static struct piece p; /* under the lock */
    struct vcpu *v = current();
    struct xen_memory_exchange x;
    s64 rc;

    if (!copy_from_guest(&x, arg, sizeof(x)))
        return -XEN_EFAULT;
    rc = check(&x);
    if (rc)
        return rc;
    if (!trylock(&balloon_lock)) {
        l0_yield();
        return call_again(v, 0, 0, 0, 0);
    }
    u32 order = max_t(u32, x.in.extent_order, x.out.extent_order);
    while (!rc && x.nr_exchanged < x.in.nr_extents) {
        if (unlikely(work_done(v, (s32)(WORK_PAGE << order))) && v->work < -WORK_SLICE)
            break;
        p = (struct piece){
            .frames = 1UL << order,
            .in_list = (u64)x.in.extent_start.p + x.nr_exchanged * 8,
            .out_list = (u64)x.out.extent_start.p +
                        (x.nr_exchanged << x.in.extent_order >> x.out.extent_order) * 8,
            .in_order = x.in.extent_order,
            .out_order = x.out.extent_order,
        };
        rc = do_piece(&p);
        if (!rc)
            x.nr_exchanged += p.frames >> x.in.extent_order;
    }
    unlock(&balloon_lock);
    if (!copy_to_guest(arg + offsetof(struct xen_memory_exchange, nr_exchanged), &x.nr_exchanged,
                       sizeof(x.nr_exchanged)))
        return -XEN_EFAULT;
    return rc || x.nr_exchanged == x.in.nr_extents ? rc : call_again(v, 0, 0, 0, 0);
}
