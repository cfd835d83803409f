// SPDX-License-Identifier: MIT
/*
 * memory_op: what few PV guests call. XENMEM_exchange, by single pages and by larger extents in
 * both directions, and its errors; the calls about a physical address space, which a PV guest
 * hasn't; those of tools. Frame numbers are never printed.
 */
#include "guest.h"

#define ORDER 3
#define PAGES (1u << ORDER)

static u8 pool[2 * PAGES][PAGE_SIZE] page_aligned;
static u8 given[4 * PAGES][PAGE_SIZE] page_aligned;

static long memory_op(unsigned cmd, void *arg)
{
    return hc(memory_op, cmd, arg);
}

static struct xen_memory_exchange exchange(xen_pfn_t *in, unsigned long n_in, u32 order_in,
                                           xen_pfn_t *out, unsigned long n_out, u32 order_out)
{
    struct xen_memory_exchange ex = {
        .in = {.nr_extents = n_in, .extent_order = order_in, .domid = DOMID_SELF},
        .out = {.nr_extents = n_out, .extent_order = order_out, .domid = DOMID_SELF},
    };

    set_xen_guest_handle(ex.in.extent_start, in);
    set_xen_guest_handle(ex.out.extent_start, out);
    return ex;
}

/* A page of the pool is out of reach while its frame is exchanged, and mapped with the new one. */
static void take_out(unsigned i)
{
    set_pte_va((ul)pool[i], 0, UVMF_INVLPG);
}

static void put_in(unsigned i, u64 mfn)
{
    ((ul *)start_info->mfn_list)[pfn_of(pool[i])] = mfn;
    if (set_pte_va((ul)pool[i], mfn << PAGE_SHIFT | PT_KERNEL, UVMF_INVLPG))
        panic("can't map what was exchanged");
}

static bool usable(unsigned from, unsigned n)
{
    bool good = true;

    for (unsigned i = 0; i < n; i++) {
        u64 *p = (u64 *)pool[from + i];
        p[0] = i;
        p[511] = ~(u64)i;
        good &= M2P[mfn_of(p)] == pfn_of(p);
    }
    for (unsigned i = 0; i < n; i++)
        good &= ((u64 *)pool[from + i])[0] == i && ((u64 *)pool[from + i])[511] == ~(u64)i;
    return good;
}

/* So that there is memory in a row to be had for sure. */
static void give_back(void)
{
    static xen_pfn_t list[4 * PAGES];
    struct xen_memory_reservation r = {.nr_extents = 4 * PAGES, .domid = DOMID_SELF};

    for (unsigned i = 0; i < 4 * PAGES; i++) {
        list[i] = mfn_of(given[i]);
        set_pte_va((ul)given[i], 0, UVMF_INVLPG);
    }
    set_xen_guest_handle(r.extent_start, list);
    check_num("given-back", memory_op(XENMEM_decrease_reservation, &r), 4 * PAGES);
}

static void test_exchange(void)
{
    static xen_pfn_t in[PAGES], out[PAGES];
    struct xen_memory_exchange ex;

    /* single ones, and by as many */
    for (unsigned i = 0; i < PAGES; i++) {
        in[i] = mfn_of(pool[i]);
        out[i] = pfn_of(pool[i]);
        take_out(i);
    }
    ex = exchange(in, PAGES, 0, out, PAGES, 0);
    check_rc("single", memory_op(XENMEM_exchange, &ex), 0);
    check_num("single-count", (long)ex.nr_exchanged, PAGES);
    for (unsigned i = 0; i < PAGES; i++)
        put_in(i, out[i]);
    check_true("single-usable", usable(0, PAGES));

    /* many for one that is large */
    for (unsigned i = 0; i < PAGES; i++) {
        in[i] = mfn_of(pool[i]);
        take_out(i);
    }
    out[0] = pfn_of(pool[0]);
    ex = exchange(in, PAGES, 0, out, 1, ORDER);
    check_rc("to-large", memory_op(XENMEM_exchange, &ex), 0);
    check_num("to-large-count", (long)ex.nr_exchanged, PAGES);
    check_true("to-large-aligned", !(out[0] & (PAGES - 1)));
    for (unsigned i = 0; i < PAGES; i++)
        put_in(i, out[0] + i);
    check_true("to-large-usable", usable(0, PAGES));

    /* and back */
    in[0] = mfn_of(pool[0]);
    for (unsigned i = 0; i < PAGES; i++) {
        out[i] = pfn_of(pool[i]);
        take_out(i);
    }
    ex = exchange(in, 1, ORDER, out, PAGES, 0);
    check_rc("from-large", memory_op(XENMEM_exchange, &ex), 0);
    check_num("from-large-count", (long)ex.nr_exchanged, 1);
    for (unsigned i = 0; i < PAGES; i++)
        put_in(i, out[i]);
    check_true("from-large-usable", usable(0, PAGES));
}

static void test_exchange_refused(void)
{
    static xen_pfn_t in[2], out[2];
    struct xen_memory_exchange ex;

    in[0] = mfn_of(pool[0]);
    out[0] = pfn_of(pool[0]);
    ex = exchange(in, 1, 0, out, 2, 0);
    fact_rc("uneven", memory_op(XENMEM_exchange, &ex));
    ex = exchange(in, 1, 0, out, 1, 0);
    ex.nr_exchanged = 2;
    fact_rc("more-than-all", memory_op(XENMEM_exchange, &ex));
    ex = exchange(in, 1, 0, out, 1, 0);
    ex.out.domid = 12345;
    fact_rc("two-domains", memory_op(XENMEM_exchange, &ex));
    ex.in.domid = 12345;
    fact_rc("another-domain", memory_op(XENMEM_exchange, &ex));
    ex = exchange(in, 1, 20, out, 1, 20);
    fact_rc("too-large", memory_op(XENMEM_exchange, &ex));
    ex = exchange((xen_pfn_t *)BAD_POINTER, 1, 0, out, 1, 0);
    fact_rc("bad-list", memory_op(XENMEM_exchange, &ex));
    ex = exchange((xen_pfn_t *)IN_HOLE, 1, 0, out, 1, 0);
    fact_rc("list-in-hole", memory_op(XENMEM_exchange, &ex));
    fact_rc("bad-pointer", memory_op(XENMEM_exchange, (void *)BAD_POINTER));
    ex = exchange(in, 0, 0, out, 0, 0);
    fact_rc("none", memory_op(XENMEM_exchange, &ex));
    in[0] = BAD_FRAME;
    ex = exchange(in, 1, 0, out, 1, 0);
    fact_rc("no-frame", memory_op(XENMEM_exchange, &ex));
    fact("no-frame-count", "%lu", ex.nr_exchanged);
    in[0] = mfn_of(kernel_top());
    ex = exchange(in, 1, 0, out, 1, 0);
    fact_rc("a-table", memory_op(XENMEM_exchange, &ex));
    check_true("refused-usable", usable(0, 2));
}

static void test_physmap(void)
{
    struct xen_add_to_physmap add = {.domid = DOMID_SELF, .space = 0, .gpfn = pfn_of(pool[9])};
    struct xen_remove_from_physmap remove = {.domid = DOMID_SELF, .gpfn = mfn_of(pool[9])};
    static struct {
        u64 words[16];
    } any;

    for (u32 space = 0; space < 6; space++) {
        add.space = (u16)space;
        fact_rc("add_to_physmap", memory_op(XENMEM_add_to_physmap, &add));
    }
    add.domid = 12345;
    fact_rc("add_to_physmap-other", memory_op(XENMEM_add_to_physmap, &add));
    add.domid = DOMID_SELF;
    add.space = 99;
    fact_rc("add_to_physmap-space", memory_op(XENMEM_add_to_physmap, &add));
    fact_rc("remove_from_physmap", memory_op(XENMEM_remove_from_physmap, &remove));
    remove.gpfn = BAD_FRAME;
    fact_rc("remove_from_physmap-none", memory_op(XENMEM_remove_from_physmap, &remove));
    remove.domid = 12345;
    fact_rc("remove_from_physmap-other", memory_op(XENMEM_remove_from_physmap, &remove));
    fact_rc("remove_from_physmap-pointer",
            memory_op(XENMEM_remove_from_physmap, (void *)BAD_POINTER));
    check_true("removed-usable", usable(9, 1));
    shared_info->arch.max_pfn = 0x4321; /* the guest's own word for it */
    check_rc("maximum_gpfn", memory_op(XENMEM_maximum_gpfn, &(domid_t){DOMID_SELF}), 0x4320);
    fact_rc("add_batch-pointer", memory_op(XENMEM_add_to_physmap_batch, (void *)BAD_POINTER));
    fact_rc("add_batch", memory_op(XENMEM_add_to_physmap_batch, &any));
    for (unsigned cmd = 13; cmd < 32; cmd++)
        if (cmd != XENMEM_add_to_physmap_batch && cmd != XENMEM_remove_from_physmap) {
            memset(&any, 0, sizeof(any));
            *(domid_t *)&any = DOMID_SELF;
            fact("answer", "%u: %ld", cmd, memory_op(cmd, &any));
            fact("answer-bad-pointer", "%u: %ld", cmd, memory_op(cmd, (void *)BAD_POINTER));
        }
}

void test_main(void)
{
    test_exchange_refused();
    give_back();
    test_exchange();
    test_physmap();
}
