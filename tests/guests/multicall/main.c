// SPDX-License-Identifier: MIT
/*
 * HYPERVISOR_multicall (pv-guest-abi 2.0): entries run in order and each gets its own result; an
 * entry that fails doesn't stop the list and doesn't show in the call's own result; a multicall in
 * a multicall is refused; unknown numbers are -ENOSYS; a list that can't be read is -EFAULT, also
 * when only its tail is bad, and then what came before was done. Register arguments beyond an op's
 * own are ignored. An entry that is iret is done and ends the list; the call's result is the RAX of
 * its frame.
 */
#include "multicall.h"

static void test_order(void)
{
    u64 *page = page_alloc();
    u64 ma = maddr_of(page);
    struct mmu_update first = {.ptr = ma, .val = 1}, second = {.ptr = ma, .val = 2};
    multicall_entry_t list[] = {
        OP(mmu_update, (ul)&first, 1, 0, DOMID_SELF),     OP(xen_version, 77),
        OP(event_channel_op, EVTCHNOP_send, BAD_POINTER), {.op = 100, .result = 0x5a5a},
        OP(mmu_update, (ul)&second, 1, 0, DOMID_SELF),    OP(xen_version, XENVER_pagesize),
    };

    check_rc("order-call", hc(multicall, list, ARRAY_LEN(list)), 0);
    check_rc("order-0-mmu_update", list[0].result, 0);
    check_rc("order-1-unknown-sub-op", list[1].result, -XEN_ENOSYS);
    check_rc("order-2-bad-pointer", list[2].result, -XEN_EFAULT);
    check_rc("order-3-unknown-number", list[3].result, -XEN_ENOSYS);
    check_rc("order-4-mmu_update", list[4].result, 0);
    check_rc("order-5-pagesize", list[5].result, 4096);
    check_num("order-memory", *page, 2);
    check_true("order-arguments-kept", list[0].args[0] == (ul)&first && list[0].args[1] == 1 &&
                                           list[0].args[3] == DOMID_SELF);
    check_true("order-op-kept", list[0].op == __HYPERVISOR_mmu_update);
}

static void test_nested(void)
{
    multicall_entry_t inner[] = {OP(xen_version, XENVER_pagesize)};
    multicall_entry_t outer[] = {
        OP(multicall, (ul)inner, 1),
        OP(xen_version, XENVER_pagesize),
    };

    check_rc("nested-call", hc(multicall, outer, 2), 0);
    check_rc("nested-result", outer[0].result, -XEN_EINVAL);
    check_hex("nested-inner-untouched", inner[0].result, 0x5a5a);
    check_rc("nested-rest-done", outer[1].result, 4096);
}

static void test_edges(void)
{
    /* The list's second entry is in a page that isn't there. */
    u8 *page = page_alloc();
    multicall_entry_t *list = (void *)(page + PAGE_SIZE - sizeof(*list));
    void *next = page_alloc();
    long rc;

    check_rc("edge-zero-entries", hc(multicall, BAD_POINTER, 0), 0);
    *list = OP(xen_version, XENVER_pagesize);
    if ((u8 *)next != page + PAGE_SIZE)
        panic("arena isn't contiguous");
    rc = set_pte_va((ul)next, 0, UVMF_INVLPG);
    if (rc)
        panic("unmap: %ld", rc);
    check_rc("edge-tail-unmapped", hc(multicall, list, 2), -XEN_EFAULT);
    check_rc("edge-tail-unmapped-first-done", list->result, 4096);
    make_writable(next);

    /* A list in a read-only page can be read, but the results can't be stored. */
    *list = OP(xen_version, XENVER_pagesize);
    make_readonly(page);
    check_rc("edge-readonly-list", hc(multicall, list, 1), -XEN_EFAULT);
    check_hex("edge-readonly-result", list->result, 0x5a5a);
    make_writable(page);
}

static void test_update_va_mapping(void)
{
    /* The pattern of every batch of Linux: map, flush, use. */
    u64 *a = page_alloc(), *b = page_alloc();
    multicall_entry_t list[] = {
        OP(update_va_mapping, (ul)a, ARG64(maddr_of(b) | PT_KERNEL), UVMF_NONE),
        OP(update_va_mapping, (ul)b, ARG64(maddr_of(a) | PT_KERNEL), UVMF_NONE),
        OP(update_va_mapping, NO_TABLE, ARG64(maddr_of(a) | PT_KERNEL), UVMF_INVLPG),
        OP(mmuext_op, 0, 1, 0, DOMID_SELF),
    };
    struct mmuext_op flush = {.cmd = MMUEXT_TLB_FLUSH_LOCAL};

    *a = 0xaaaa;
    *b = 0xbbbb;
    list[3].args[0] = (ul)&flush;
    check_rc("swap-call", hc(multicall, list, ARRAY_LEN(list)), 0);
    check_true("swap-done", *a == 0xbbbb && *b == 0xaaaa);
    check_rc("swap-no-table", list[2].result, -XEN_EINVAL);
    check_rc("swap-flush", list[3].result, 0);
}

static void test_many(void)
{
    static multicall_entry_t list[64];
    int good = 0;

    for (unsigned i = 0; i < ARRAY_LEN(list); i++)
        list[i] = OP(xen_version, XENVER_pagesize);
    check_rc("many-call", hc(multicall, list, ARRAY_LEN(list)), 0);
    for (unsigned i = 0; i < ARRAY_LEN(list); i++)
        good += list[i].result == 4096;
    check_num("many-results", good, ARRAY_LEN(list));
}

multicall_entry_t iret_list[3] = {OP(xen_version, XENVER_pagesize), OP(iret),
                                  OP(xen_version, XENVER_pagesize)};

void check_iret_list(const char *name, ul second)
{
    check(name,
          iret_list[0].result == 4096 && iret_list[1].result == second &&
              iret_list[2].result == 0x5a5a,
          "%lx %lx %lx", (ul)iret_list[0].result, (ul)iret_list[1].result, (ul)iret_list[2].result);
    for (int i = 0; i < 3; i++)
        iret_list[i].result = 0x5a5a;
}

void test_main(void)
{
    test_order();
    test_nested();
    test_edges();
    test_update_va_mapping();
    test_many();
    user_init();
    test_iret_to_kernel();
    test_iret_to_user();
}
