// SPDX-License-Identifier: MIT
/*
 * unmap_grant_ref and unmap_and_replace.  First the guest's entries go, and what CPUs remember of
 * them, then L0's mapping: in between the frame is nobody's.
 */
#include "grant_map.h"
#include "grant_mapping.h"
#include "grant_self.h"
#include "grant_window.h"
#include "l0.h"
#include "map.h"
#include "preempt.h"
#include "shim.h"
#include "tlb.h"
#include "usercopy.h"

/* An entry of either list, which differ in order and in what they have. */
struct unmap {
    u64 host_addr, dev_bus_addr, new_addr;
    u32 handle;
    s16 status;
    bool replace;
    u64 *entry, *new_entry;
};

static s64 read_unmap(struct unmap *u, u32 cmd, u64 arg, u64 size)
{
    union {
        struct gnttab_unmap_grant_ref unmap;
        struct gnttab_unmap_and_replace replace;
    } op;

    if (!copy_from_guest(&op, arg, size))
        return -XEN_EFAULT;
    if (cmd == GNTTABOP_unmap_grant_ref)
        *u = (struct unmap){.host_addr = op.unmap.host_addr,
                            .dev_bus_addr = op.unmap.dev_bus_addr,
                            .handle = op.unmap.handle};
    else
        *u = (struct unmap){.host_addr = op.replace.host_addr,
                            .new_addr = op.replace.new_addr,
                            .replace = true,
                            .handle = op.replace.handle};
    return 0;
}

static bool write_status(const struct unmap *u, u32 cmd, u64 arg)
{
    u64 at = cmd == GNTTABOP_unmap_grant_ref ? offsetof(struct gnttab_unmap_grant_ref, status)
                                             : offsetof(struct gnttab_unmap_and_replace, status);
    return copy_to_guest(arg + at, &u->status, sizeof(u->status));
}

/* Takes the guest's entry away, or puts what new_entry has there and clears that. */
static bool clear_entry(const struct unmap *u, u32 mapping, mfn_t mfn)
{
    u64 old, val = 0;

    if (!u->entry)
        return false;
    old = ACCESS_ONCE(*u->entry);
    if (!(old & PTE_P) || PTE_MFN(old) != mfn || !(old & PTE_W) != !!(mapping & MAPPING_READONLY))
        return false;
    if (u->new_addr) {
        if (mapping & MAPPING_PTE || !u->new_entry)
            return false;
        val = __atomic_exchange_n(u->new_entry, 0, __ATOMIC_SEQ_CST);
    }
    __atomic_store_n(u->entry, val, __ATOMIC_SEQ_CST);
    return true;
}

/* The guest's part.  True when nothing is left of the mapping, which nobody else will find then. */
static bool begin_unmap(struct unmap *u)
{
    mfn_t mfn;
    u32 mapping = grant_mapping_get(u->handle, &mfn);

    u->status = GNTST_bad_handle;
    if (!(mapping & (MAPPING_HOST | MAPPING_DEVICE)))
        return false;
    u->status = GNTST_bad_dev_addr;
    if (u->dev_bus_addr && mapping & MAPPING_DEVICE && u->dev_bus_addr != mfn << PAGE_SHIFT)
        return false;
    u->status = GNTST_general_error;
    if (u->host_addr && mapping & MAPPING_HOST) {
        if (!clear_entry(u, mapping, mfn))
            return false;
        mapping &= ~MAPPING_HOST;
    }
    if (u->dev_bus_addr)
        mapping &= ~MAPPING_DEVICE;
    u->status = GNTST_okay;
    grant_mapping_set(u->handle, mapping);
    return !(mapping & (MAPPING_HOST | MAPPING_DEVICE));
}

static void unmap_batch(struct unmap *u, u32 n)
{
    struct gnttab_unmap_grant_ref l0_op[GRANT_BATCH];
    u8 over[GRANT_BATCH];
    u32 nr_over = 0, l0_n = 0;
    bool flush = false;
    mfn_t mfn;

    lock(&grant_map_lock);
    for (u32 i = 0; i < n; i++) {
        if (begin_unmap(&u[i]))
            over[nr_over++] = (u8)i;
        flush |= !u[i].status && u[i].host_addr;
    }
    unlock(&grant_map_lock);
    if (flush) /* before the frame is another's */
        tlb_flush_all(TLB_ALL);
    for (u32 i = 0; i < nr_over; i++)
        if (u[over[i]].handle < GRANT_WINDOW)
            l0_op[l0_n++] = (struct gnttab_unmap_grant_ref){
                .host_addr = (grant_window + u[over[i]].handle) << PAGE_SHIFT,
                .handle = grant_mapping_get(u[over[i]].handle, &mfn) & MAPPING_HANDLE,
            };
    if (l0_n)
        l0_call3(__HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, l0_op, l0_n);
    lock(&grant_map_lock);
    for (u32 i = 0, k = 0; i < nr_over; i++) {
        u32 handle = u[over[i]].handle;

        if (handle >= GRANT_WINDOW)
            grant_self_set(handle - GRANT_WINDOW, 0);
        else if (l0_op[k++].status) /* (never seen) then the frame stays as it is, unused */
            u[over[i]].status = l0_op[k - 1].status;
        else
            grant_window_give(handle);
    }
    unlock(&grant_map_lock);
}

/* Is the search for its tables at an end? */
static bool find_entries(struct vcpu *v, struct unmap *u)
{
    mfn_t mfn;
    u32 mapping = grant_mapping_get(u->handle, &mfn);

    if (!(mapping & MAPPING_HOST) || !u->host_addr)
        return true;
    if (u->replace && u->new_addr)
        grant_find_entry(v, u->new_addr, false, &u->new_entry);
    return grant_find_entry(v, u->host_addr, mapping & MAPPING_PTE, &u->entry);
}

s64 grant_unmap(u32 cmd, u64 arg, u64 count)
{
    struct vcpu *v = current();
    struct unmap u[GRANT_BATCH];
    u64 size = cmd == GNTTABOP_unmap_grant_ref ? sizeof(struct gnttab_unmap_grant_ref)
                                               : sizeof(struct gnttab_unmap_and_replace);

    for (u64 i = 0; i < count;) {
        bool again = false;
        u32 n = 0;

        if (unlikely(work_done(v, 0)) && i)
            return call_again(v, 3, cmd, arg, count - i);
        for (; n < GRANT_BATCH && i + n < count; n++) {
            if (read_unmap(&u[n], cmd, arg + n * size, size))
                return -XEN_EFAULT;
            again = !find_entries(v, &u[n]);
            if (again)
                break;
        }
        work_done(v, (s32)(n + 1) * WORK_L0);
        unmap_batch(u, n);
        for (u32 k = 0; k < n; k++, arg += size)
            if (!write_status(&u[k], cmd, arg))
                return -XEN_EFAULT;
        i += n;
        if (unlikely(again))
            return call_again(v, 3, cmd, arg, count - i);
    }
    return 0;
}
