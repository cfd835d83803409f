// SPDX-License-Identifier: MIT
/*
 * map_grant_ref.  L0 maps the frame at a GFN of the window (grant_window.h), as HVM domains have
 * it, and the guest's entry leads to that GFN; so a frame that is mapped twice is two machine
 * frames for the guest.  Each entry of a list has its own status; lists go to L0 in batches.
 */
#include "grant_map.h"
#include "grant_mapping.h"

#include "frames.h"
#include "grant.h"
#include "grant_self.h"
#include "grant_window.h"
#include "l0.h"
#include "map.h"
#include "mmu.h"
#include "preempt.h"
#include "shim.h"
#include "tables.h"
#include "usercopy.h"

lock_t grant_map_lock;

u32 grant_mapping_get(u32 handle, mfn_t *mfn)
{
    *mfn = grant_window + handle;
    return handle < GRANT_WINDOW ? grant_window_get(handle)
                                 : grant_self_get(handle - GRANT_WINDOW, mfn);
}

void grant_mapping_set(u32 handle, u32 mapping)
{
    if (handle < GRANT_WINDOW)
        grant_window_set(handle, mapping);
    else
        grant_self_set(handle - GRANT_WINDOW, mapping);
}

bool grant_find_entry(struct vcpu *v, u64 host_addr, bool by_address, u64 **entry)
{
    mfn_t mfn = host_addr >> PAGE_SHIFT;

    *entry = NULL;
    if (!by_address) {
        if (guest_range_ok(host_addr, 1))
            *entry = mmu_l1_entry(v->cr3, host_addr);
        return true;
    }
    if (host_addr & 7 || !frame_ok(mfn))
        return true;
    u8 level = table_search(v, mfn);
    if (level == 1)
        *entry = va(host_addr);
    return level != TREE_AGAIN;
}

/* What Xen puts there, but for U, G and bit 52 (docs/DESIGN.md). */
static u64 entry_value(mfn_t mfn, u32 flags)
{
    return mfn << PAGE_SHIFT | PTE_P | PTE_A | PTE_D | pte_nx |
           (flags & GNTMAP_application_map ? PTE_U : 0) | (flags & GNTMAP_readonly ? 0 : PTE_W) |
           (u64)(flags >> _GNTMAP_guest_avail0 & 7) << 9;
}

struct batch {
    u64 *entry[GRANT_BATCH];
    u32 n;    /* entries of the guest's list */
    u32 l0_n; /* of them in l0_op, which is the l0_of[] th of the list */
    u8 l0_of[GRANT_BATCH];
};

/* What L0 mapped, though the guest's entry isn't there. */
static void give_back(u32 handle, u32 l0_handle)
{
    struct gnttab_unmap_grant_ref u = {.host_addr = (grant_window + handle) << PAGE_SHIFT,
                                       .handle = l0_handle};

    l0_call3(__HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, &u, 1);
}

static void give_frame(u32 n)
{
    lock(&grant_map_lock);
    grant_window_give(n);
    unlock(&grant_map_lock);
}

/* The frame is mapped at mfn: the guest's part.  False: there is no such place. */
static bool finish_map(struct gnttab_map_grant_ref *op, mfn_t mfn, u64 *entry, u32 handle, u32 more)
{
    u32 flags = op->flags;

    if (flags & GNTMAP_host_map && !entry) {
        op->status = GNTST_general_error;
        return false;
    }
    grant_mapping_set(handle, MAPPING_USED | more | (flags & GNTMAP_host_map ? MAPPING_HOST : 0) |
                                  (flags & GNTMAP_device_map ? MAPPING_DEVICE : 0) |
                                  (flags & GNTMAP_contains_pte ? MAPPING_PTE : 0) |
                                  (flags & GNTMAP_readonly ? MAPPING_READONLY : 0));
    if (flags & GNTMAP_host_map)
        ACCESS_ONCE(*entry) = entry_value(mfn, flags);
    op->handle = handle;
    op->dev_bus_addr = mfn << PAGE_SHIFT;
    op->status = GNTST_okay;
    return true;
}

static void map_own(struct gnttab_map_grant_ref *op, u64 *entry)
{
    mfn_t mfn;
    u32 n;

    lock(&grant_map_lock);
    op->status = grant_self_map(op->ref, op->flags & GNTMAP_readonly, &n, &mfn);
    if (!op->status && !finish_map(op, mfn, entry, GRANT_WINDOW + n, op->ref))
        grant_self_set(n, 0);
    unlock(&grant_map_lock);
}

/* What can be done without L0 is done, and has its status; the others go into l0_op. */
static void sort_map(struct batch *b, struct gnttab_map_grant_ref *op,
                     struct gnttab_map_grant_ref *l0_op)
{
    b->l0_n = 0;
    for (u32 i = 0; i < b->n; i++) {
        u32 flags = op[i].flags, n;

        op[i].status = GNTST_bad_gntref;
        if (!(flags & (GNTMAP_device_map | GNTMAP_host_map)))
            continue;
        op[i].status = GNTST_bad_domain;
        if (op[i].dom == DOMID_SELF)
            continue;
        if (op[i].dom == grant_own_domid()) {
            map_own(&op[i], b->entry[i]);
            continue;
        }
        lock(&grant_map_lock);
        n = grant_window_take();
        unlock(&grant_map_lock);
        op[i].status = GNTST_no_space;
        if (n == GRANT_WINDOW)
            continue;
        b->l0_of[b->l0_n] = (u8)i;
        l0_op[b->l0_n++] = (struct gnttab_map_grant_ref){
            .host_addr = (grant_window + n) << PAGE_SHIFT,
            .flags = GNTMAP_host_map | (flags & GNTMAP_readonly),
            .ref = op[i].ref,
            .dom = op[i].dom,
            .status = GNTST_general_error, /* what L0 doesn't get to */
        };
    }
}

static void map_batch(struct batch *b, struct gnttab_map_grant_ref *op)
{
    struct gnttab_map_grant_ref l0_op[GRANT_BATCH];

    sort_map(b, op, l0_op);
    if (!b->l0_n)
        return;
    s64 rc = l0_call3(__HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, l0_op, b->l0_n);
    for (u32 k = 0; k < b->l0_n; k++) {
        struct gnttab_map_grant_ref *o = &op[b->l0_of[k]];
        u32 n = (u32)((l0_op[k].host_addr >> PAGE_SHIFT) - grant_window);
        mfn_t mfn = grant_window + n;

        o->status = rc ? GNTST_general_error : l0_op[k].status;
        if (!o->status && l0_op[k].handle <= MAPPING_HANDLE &&
            finish_map(o, mfn, b->entry[b->l0_of[k]], n, l0_op[k].handle))
            continue;
        if (!o->status)
            o->status = GNTST_no_space;
        if (!rc && !l0_op[k].status)
            give_back(n, l0_op[k].handle);
        give_frame(n);
    }
}

s64 grant_map(u64 arg, u64 count)
{
    struct vcpu *v = current();
    struct gnttab_map_grant_ref op[GRANT_BATCH];
    struct batch b;

    for (u64 i = 0; i < count; i += b.n, arg += b.n * sizeof(op[0])) {
        bool again = false;

        if (unlikely(work_done(v, 0)) && i)
            return call_again(v, 3, GNTTABOP_map_grant_ref, arg, count - i);
        b.n = (u32)min_t(u64, GRANT_BATCH, count - i);
        if (!copy_from_guest(op, arg, b.n * sizeof(op[0])))
            return -XEN_EFAULT;
        for (u32 k = 0; k < b.n && !again; k++) {
            again = op[k].flags & GNTMAP_host_map &&
                    !grant_find_entry(v, op[k].host_addr, op[k].flags & GNTMAP_contains_pte,
                                      &b.entry[k]);
            if (again)
                b.n = k;
        }
        work_done(v, (s32)(b.n + 1) * WORK_L0);
        map_batch(&b, op);
        if (!copy_to_guest(arg, op, b.n * sizeof(op[0])))
            return -XEN_EFAULT;
        if (unlikely(again))
            return call_again(v, 3, GNTTABOP_map_grant_ref, arg + b.n * sizeof(op[0]),
                              count - i - b.n);
    }
    return 0;
}

void grant_map_reset(void)
{
    grant_window_reset();
    grant_self_reset();
}

bool grant_map_none_of_self(void)
{
    return grant_self_none();
}
