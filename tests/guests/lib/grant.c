// SPDX-License-Identifier: MIT
/* Helpers for the tests of grant tables. */
#include "grant.h"

long grant_op(unsigned cmd, void *arg, unsigned count)
{
    return hc(grant_table_op, cmd, arg, count);
}

volatile struct grant_entry_v1 *grant_table_map(int slot)
{
    static xen_pfn_t frame;
    struct gnttab_setup_table op = {.dom = DOMID_SELF, .nr_frames = 1};
    struct window w = window_open(slot);

    op.frame_list.p = &frame;
    if (grant_op(GNTTABOP_setup_table, &op, 1) || op.status ||
        set_pte_va(w.va, (u64)frame << PAGE_SHIFT | PT_KERNEL | PTE_NX, UVMF_INVLPG))
        panic("grant table");
    return (void *)w.va;
}

domid_t own_number(void)
{
    struct evtchn_alloc_unbound open = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};
    struct evtchn_status s = {.dom = DOMID_SELF};

    if (evtchn(EVTCHNOP_alloc_unbound, &open))
        panic("alloc_unbound");
    s.port = open.port;
    if (evtchn(EVTCHNOP_status, &s) || s.status != EVTCHNSTAT_unbound)
        panic("status");
    evtchn_close(open.port);
    return s.u.unbound.dom;
}
