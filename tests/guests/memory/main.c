// SPDX-License-Identifier: MIT
/*
 * memory_op and the machine-to-phys table (pv-guest-abi 2.4, 5.2): giving pages back and getting
 * others for the same PFNs, alone and in numbers; the M2P after each; exchange; the memory map;
 * where the M2P is and how far it can be read; reservation figures; and the errors, above all those
 * answered by a count.
 */
#include "guest.h"

#define BATCH 8

static xen_pfn_t list[BATCH];

static struct xen_memory_reservation reservation(unsigned n)
{
    struct xen_memory_reservation r = {.nr_extents = n, .domid = DOMID_SELF};

    set_xen_guest_handle(r.extent_start, list);
    return r;
}

static long memory_op(int cmd, void *arg)
{
    return hc(memory_op, cmd, arg);
}

static void set_p2m(ul pfn, ul mfn)
{
    ((ul *)start_info->mfn_list)[pfn] = mfn;
}

static void test_balloon(void)
{
    struct xen_memory_reservation r = reservation(BATCH);
    u64 *pages[BATCH];
    ul mfns[BATCH];
    int good = 0, mapped = 0;
    domid_t self = DOMID_SELF;
    long before = memory_op(XENMEM_current_reservation, &self);

    for (int i = 0; i < BATCH; i++) {
        pages[i] = page_alloc();
        pages[i][0] = 0x1234;
        mfns[i] = list[i] = mfn_of(pages[i]);
        if (set_pte_va((ul)pages[i], 0, UVMF_INVLPG))
            panic("unmap");
        set_p2m(pfn_of(pages[i]), ~0UL);
    }
    check_rc("decrease", memory_op(XENMEM_decrease_reservation, &r), BATCH);
    check_num("decrease-current_reservation", before - memory_op(XENMEM_current_reservation, &self),
              BATCH);
    for (int i = 0; i < BATCH; i++)
        good += M2P[mfns[i]] >= start_info->nr_pages;
    check_num("decrease-m2p-forgets", good, BATCH);

    for (int i = 0; i < BATCH; i++)
        list[i] = pfn_of(pages[i]);
    check_rc("populate", memory_op(XENMEM_populate_physmap, &r), BATCH);
    check_num("populate-current_reservation", before - memory_op(XENMEM_current_reservation, &self),
              0);
    for (int i = good = 0; i < BATCH; i++) {
        good += M2P[list[i]] == pfn_of(pages[i]);
        set_p2m(pfn_of(pages[i]), list[i]);
        mapped += !set_pte_va((ul)pages[i], (u64)list[i] << 12 | PT_KERNEL, UVMF_INVLPG);
        pages[i][0] = i + 1;
    }
    check_num("populate-m2p", good, BATCH);
    check_num("populate-mappable", mapped, BATCH);
    for (int i = good = 0; i < BATCH; i++)
        good += pages[i][0] == (u64)i + 1;
    check_num("populate-distinct", good, BATCH);
}

static void test_balloon_errors(void)
{
    struct xen_memory_reservation r = reservation(1);
    u64 *page = page_alloc();

    list[0] = BAD_FRAME;
    check_rc("decrease-no-such-frame", memory_op(XENMEM_decrease_reservation, &r), 0);
    list[0] = mfn_of(page);
    r.domid = 0x7000;
    check_rc("decrease-other-domain", memory_op(XENMEM_decrease_reservation, &r), 0);
    r = reservation(1);
    r.nr_extents = 0;
    check_rc("decrease-none", memory_op(XENMEM_decrease_reservation, &r), 0);
    r = reservation(1);
    r.extent_order = 20;
    check_rc("populate-order-20", memory_op(XENMEM_populate_physmap, &r), 0);
    r = reservation(1);
    list[0] = pfn_of(page);
    fact_rc("populate-beyond-limit", memory_op(XENMEM_populate_physmap, &r));
    set_xen_guest_handle(r.extent_start, (xen_pfn_t *)BAD_POINTER);
    check_rc("populate-bad-list", memory_op(XENMEM_populate_physmap, &r), 0);
    check_rc("decrease-bad-list", memory_op(XENMEM_decrease_reservation, &r), 0);
    /* A frame still mapped can be given back; it lives until the mapping goes. */
    check_rc("increase-reservation-none",
             memory_op(XENMEM_increase_reservation,
                       &(struct xen_memory_reservation){.domid = DOMID_SELF}),
             0);
}

static void test_exchange(void)
{
    u64 *page = page_alloc();
    xen_pfn_t in = mfn_of(page), out = pfn_of(page);
    struct xen_memory_exchange ex = {
        .in = {.nr_extents = 1, .domid = DOMID_SELF},
        .out = {.nr_extents = 1, .domid = DOMID_SELF},
    };
    long rc;

    set_xen_guest_handle(ex.in.extent_start, &in);
    set_xen_guest_handle(ex.out.extent_start, &out);
    if (set_pte_va((ul)page, 0, UVMF_INVLPG))
        panic("unmap");
    rc = memory_op(XENMEM_exchange, &ex);
    fact_rc("exchange", rc);
    if (!rc) {
        check_num("exchange-count", ex.nr_exchanged, 1);
        check_true("exchange-m2p", M2P[out] == pfn_of(page));
        set_p2m(pfn_of(page), out);
    }
    make_writable(page);
    page[0] = 1;
    check_num("exchange-page-usable", page[0], 1);
    ex.out.nr_extents = 2;
    fact_rc("exchange-uneven", memory_op(XENMEM_exchange, &ex));
}

static void test_memory_map(void)
{
    static struct {
        u64 addr, size;
        u32 type;
    } __attribute__((packed)) map[64];
    struct xen_memory_map arg = {.nr_entries = ARRAY_LEN(map)};
    bool covers = false, sane = true;
    long rc;

    set_xen_guest_handle(arg.buffer, (void *)map);
    rc = memory_op(XENMEM_memory_map, &arg);
    fact_rc("memory_map", rc);
    if (rc)
        return;
    for (unsigned i = 0; i < arg.nr_entries; i++) {
        covers |= map[i].type == 1 && map[i].addr == 0 &&
                  map[i].size >= (u64)start_info->nr_pages << PAGE_SHIFT;
        sane &= map[i].size && map[i].type;
    }
    check_true("memory_map-covers-all-pages", covers);
    check_true("memory_map-sane", sane && arg.nr_entries);
    fact("memory_map-entries", "%u", arg.nr_entries);
    arg.nr_entries = 0;
    fact_rc("memory_map-no-room", memory_op(XENMEM_memory_map, &arg));
    fact_rc("machine_memory_map", memory_op(XENMEM_machine_memory_map, &arg));
}

static void test_m2p(void)
{
    struct xen_machphys_mapping mm;
    ul hole;

    check_rc("machphys_mapping", memory_op(XENMEM_machphys_mapping, &mm), 0);
    check_hex("machphys_mapping-start", mm.v_start, (ul)M2P);
    check_hex("machphys_mapping-end", mm.v_end, M2P_END);
    check_true("machphys_mapping-max_mfn", mm.max_mfn >= mfn_of(kernel_top()));
    check_rc("machphys_mapping-bad-pointer",
             memory_op(XENMEM_machphys_mapping, (void *)BAD_POINTER), -XEN_EFAULT);
    PROBE_READ(&M2P[start_info->shared_info >> 12]);
    check_trap("m2p-of-shared_info", X_NONE, 0);
    PROBE_READ(&M2P[mm.max_mfn]);
    fact_trap("m2p-at-max_mfn");
    hole = mm.v_end - sizeof(ul);
    PROBE_READ(hole);
    check_true("m2p-far-end-faults-or-invalid",
               last_trap.entry == X_PF || *(ul *)hole >= start_info->nr_pages);
    PROBE_WRITE(M2P + mfn_of(kernel_top()));
    check_trap("m2p-is-readonly", X_PF, 3);
    fact_rc("machphys_mfn_list", memory_op(XENMEM_machphys_mfn_list, (void *)BAD_POINTER));
}

static void test_figures(void)
{
    domid_t self = DOMID_SELF, other = 0x7000;
    long current = memory_op(XENMEM_current_reservation, &self);
    long maximum = memory_op(XENMEM_maximum_reservation, &self);

    fact("nr_pages", "%lu", start_info->nr_pages);
    check_true("current_reservation", current >= (long)start_info->nr_pages - 16 &&
                                          current <= (long)start_info->nr_pages + 16);
    check_true("maximum_reservation", maximum >= current);
    check_true("maximum_ram_page", memory_op(XENMEM_maximum_ram_page, 0) > 0);
    check_rc("current_reservation-other", memory_op(XENMEM_current_reservation, &other),
             -XEN_ESRCH);
    check_rc("current_reservation-bad-pointer",
             memory_op(XENMEM_current_reservation, (void *)BAD_POINTER), -XEN_EFAULT);
    fact_rc("maximum_gpfn", memory_op(XENMEM_maximum_gpfn, &self) > 0);
    fact_rc("set_memory_map", memory_op(XENMEM_set_memory_map, (void *)BAD_POINTER));
    fact_rc("add_to_physmap-bad-pointer", memory_op(XENMEM_add_to_physmap, (void *)BAD_POINTER));
    /* get_sharing_freed_pages: its name is for the tools only. */
    fact_rc("get_sharing_freed_pages", memory_op(18, 0));
    fact_rc("get_vnumainfo-bad-pointer", memory_op(XENMEM_get_vnumainfo, (void *)BAD_POINTER));
}

void test_main(void)
{
    test_balloon();
    test_balloon_errors();
    test_exchange();
    test_memory_map();
    test_m2p();
    test_figures();
}
