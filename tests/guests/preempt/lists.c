// SPDX-License-Identifier: MIT
/* Preempted: multicall, also within one of its entries; giving pages back and getting others, one
 * by one and as larger extents; grant copies. */
#include "preempt.h"

#include <xen/grant_table.h>

static long rc;
static multicall_entry_t list[CALLS];

static void calls(void)
{
    rc = hc(multicall, list, CALLS);
}

static multicall_entry_t few[4];
static struct mmu_update reqs[REQS / 4];
static u32 done[4];

static void few_long_ones(void)
{
    for (int i = 0; i < 4; i++) {
        done[i] = 77;
        few[i] = (multicall_entry_t){
            .op = __HYPERVISOR_mmu_update,
            .args = {(ul)reqs, ARRAY_LEN(reqs), (ul)&done[i], DOMID_SELF},
            .result = 0x5a5a,
        };
    }
    rc = hc(multicall, few, 4);
}

void test_multicall(void)
{
    u64 *a = page_alloc(), *b = page_alloc();
    unsigned good = 0;

    *a = 0xa;
    *b = 0xb;
    for (unsigned i = 0; i < CALLS; i++)
        list[i] =
            i % 4 ? (multicall_entry_t){.op = __HYPERVISOR_update_va_mapping,
                                        .args = {(ul)a,
                                                 ARG64(maddr_of(i % 4 == 3 ? b : a) | PT_KERNEL),
                                                 UVMF_INVLPG}}
                  : (multicall_entry_t){.op = __HYPERVISOR_xen_version, .args = {XENVER_pagesize}};
    check_true("multicall-interrupted", interrupted(calls));
    check_rc("multicall", rc, 0);
    for (unsigned i = 0; i < CALLS; i++)
        good += list[i].result == (i % 4 ? 0 : 4096);
    check_true("multicall-results", good == CALLS);
    check_hex("multicall-last", *a, 0xb);
    make_writable(a);

    for (unsigned i = 0; i < ARRAY_LEN(reqs); i++)
        reqs[i] = (struct mmu_update){.ptr = maddr_of(&a[i & 511]), .val = i & ~7U};
    check_true("multicall-within-entry-interrupted", interrupted(few_long_ones));
    check_rc("multicall-within-entry", rc, 0);
    good = 0;
    for (int i = 0; i < 4; i++)
        good += few[i].result == 0 && done[i] == ARRAY_LEN(reqs);
    check_num("multicall-within-entry-results", good, 4);
    check_true("multicall-within-entry-memory",
               a[511] == ((ARRAY_LEN(reqs) - 1) & ~7U) && a[0] == ARRAY_LEN(reqs) - 512);
}

static u8 pool[PAGES][PAGE_SIZE] page_aligned;
static xen_pfn_t frames[PAGES];
static long decreased, populated;
static bool inside_decrease;

static long memory_op(int cmd, unsigned n)
{
    struct xen_memory_reservation r = {.nr_extents = n, .domid = DOMID_SELF};

    set_xen_guest_handle(r.extent_start, frames);
    return hc(memory_op, cmd, &r);
}

static void map(bool there)
{
    for (unsigned i = 0; i < PAGES; i++)
        if (set_pte_va((ul)pool[i], there ? (u64)frames[i] << 12 | PT_KERNEL : 0, UVMF_INVLPG))
            panic("map");
}

static void decrease(void)
{
    decreased = memory_op(XENMEM_decrease_reservation, PAGES);
}

static void populate(void)
{
    for (unsigned i = 0; i < PAGES; i++)
        frames[i] = pfn_of(pool[i]);
    populated = memory_op(XENMEM_populate_physmap, PAGES);
}

/* Only one of the two is what is timed; the other puts things back. */
static void there_and_back(void)
{
    if (inside_decrease)
        decrease(), populate();
    else
        populate(), decrease();
}

static bool all_there(void)
{
    for (unsigned i = 0; i < PAGES; i++)
        *(u64 *)pool[i] = i;
    for (unsigned i = 0; i < PAGES; i++)
        if (*(u64 *)pool[i] != i || M2P[frames[i]] != pfn_of(pool[i]))
            return false;
    return true;
}

void test_balloon(void)
{
    domid_t self = DOMID_SELF;
    long before = hc(memory_op, XENMEM_current_reservation, &self);
    struct xen_memory_reservation r = {.nr_extents = 1UL << 26, .domid = DOMID_SELF};

    for (unsigned i = 0; i < PAGES; i++)
        frames[i] = mfn_of(pool[i]);
    map(false);
    inside_decrease = true;
    check_true("decrease-interrupted", interrupted(there_and_back));
    check_num("decrease", decreased, PAGES);
    check_num("decrease-then-populate", populated, PAGES);
    decrease();
    inside_decrease = false;
    check_true("populate-interrupted", interrupted(there_and_back));
    check_num("populate", populated, PAGES);
    check_num("populate-then-decrease", decreased, PAGES);
    populate();
    map(true);
    check_true("populate-pages", all_there());
    check_num("populate-current_reservation",
              before - hc(memory_op, XENMEM_current_reservation, &self), 0);
    /* An extent that is reached later is named in the command; more than can be are none at all. */
    map(false);
    set_xen_guest_handle(r.extent_start, frames);
    check_rc("decrease-too-many-extents", hc(memory_op, XENMEM_decrease_reservation, &r), 0);
    r.nr_extents = PAGES;
    check_rc("decrease-continued",
             hc(memory_op, XENMEM_decrease_reservation | (PAGES - 3) << 6, &r), PAGES);
    check_num("decrease-continued-current_reservation",
              before - hc(memory_op, XENMEM_current_reservation, &self), 3);
    check_rc("decrease-behind-the-end",
             hc(memory_op, XENMEM_decrease_reservation | (PAGES + 3) << 6, &r), PAGES + 3);
}

static struct gnttab_copy copies[COPIES];

static void copy(void)
{
    rc = hc(grant_table_op, GNTTABOP_copy, copies, COPIES);
}

void test_grants(void)
{
    u64 *from = page_alloc(), *to = page_alloc();
    int okay = 0;

    for (int i = 0; i < 512; i++)
        from[i] = i + 1;
    for (int i = 0; i < COPIES; i++)
        copies[i] = (struct gnttab_copy){
            .source = {.u.gmfn = mfn_of(from), .domid = DOMID_SELF, .offset = i % 512 * 8},
            .dest = {.u.gmfn = mfn_of(to), .domid = DOMID_SELF, .offset = i % 512 * 8},
            .len = 8,
            .status = 77};
    check_true("copy-interrupted", interrupted(copy));
    check_rc("copy", rc, 0);
    for (int i = 0; i < COPIES; i++)
        okay += copies[i].status == GNTST_okay;
    check_num("copy-statuses", okay, COPIES);
    check_true("copy-done", !memcmp(from, to, PAGE_SIZE));
}
