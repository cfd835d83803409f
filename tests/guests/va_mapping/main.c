// SPDX-License-Identifier: MIT
/*
 * HYPERVISOR_update_va_mapping (pv-guest-abi 2.2): changes the L1 entry of an address of the
 * current tables, with the flush that the flags ask for: none, one page, all; here, on a mask of
 * vCPUs, everywhere. Non-present values are kept as given. Addresses without a table, and flags
 * that don't exist, are errors that change nothing.
 */
#include "guest.h"

static u64 *a, *b, *where;
static struct window w;

static void put(u64 *page, u64 value)
{
    page[0] = value;
}

static u64 *entry(void)
{
    return pt_entry(kernel_top(), (ul)where, 1);
}

static void test_flags(void)
{
    static u64 mask = 1;
    static const struct {
        const char *name;
        ul flags;
    } kinds[] = {
        {"flush-invlpg-local", UVMF_INVLPG | UVMF_LOCAL},
        {"flush-invlpg-all", UVMF_INVLPG | UVMF_ALL},
        {"flush-tlb-local", UVMF_TLB_FLUSH | UVMF_LOCAL},
        {"flush-tlb-all", UVMF_TLB_FLUSH | UVMF_ALL},
    };

    put(a, 0xa);
    put(b, 0xb);
    for (unsigned i = 0; i < ARRAY_LEN(kinds); i++) {
        (void)READ_ONCE(*where);
        print("%s\n", kinds[i].name);
        check_rc("flush-to-b", set_pte_va((ul)where, maddr_of(b) | PT_KERNEL, kinds[i].flags), 0);
        check_hex("flush-sees-b", READ_ONCE(*where), 0xb);
        check_rc("flush-to-a", set_pte_va((ul)where, maddr_of(a) | PT_KERNEL, kinds[i].flags), 0);
        check_hex("flush-sees-a", READ_ONCE(*where), 0xa);
    }
    check_rc("flush-invlpg-mask",
             set_pte_va((ul)where, maddr_of(b) | PT_KERNEL, UVMF_INVLPG | UVMF_MULTI | (ul)&mask),
             0);
    check_hex("flush-invlpg-mask-sees-b", READ_ONCE(*where), 0xb);
    check_rc(
        "flush-tlb-mask",
        set_pte_va((ul)where, maddr_of(a) | PT_KERNEL, UVMF_TLB_FLUSH | UVMF_MULTI | (ul)&mask), 0);
    check_hex("flush-tlb-mask-sees-a", READ_ONCE(*where), 0xa);
    fact_rc("flush-mask-bad-pointer",
            set_pte_va((ul)where, maddr_of(b) | PT_KERNEL, UVMF_INVLPG | BAD_POINTER));
    check_true("flush-mask-bad-pointer-entry-written", PTE_MFN(*entry()) == mfn_of(b));
    check_rc("flush-none", set_pte_va((ul)where, maddr_of(a) | PT_KERNEL, UVMF_NONE), 0);
    check_rc("flush-afterwards", mmuext_one(MMUEXT_INVLPG_LOCAL, (ul)where, 0), 0);
    check_hex("flush-afterwards-sees-a", READ_ONCE(*where), 0xa);
    fact_rc("flush-type-3", set_pte_va((ul)where, maddr_of(a) | PT_KERNEL, 3));
}

static void test_values(void)
{
    check_rc("value-swap", set_pte_va((ul)where, UINT64_C(0x7edcba9876543210), UVMF_INVLPG), 0);
    check_hex("value-swap-verbatim", *entry(), UINT64_C(0x7edcba9876543210));
    PROBE_READ(where);
    check_trap("value-swap-faults", X_PF, 0);
    check_rc("value-zero", set_pte_va((ul)where, 0, UVMF_INVLPG), 0);
    check_hex("value-zero-verbatim", *entry(), 0);
    check_rc("value-readonly", set_pte_va((ul)where, maddr_of(a) | PTE_P, UVMF_INVLPG), 0);
    PROBE_WRITE(where);
    check_trap("value-readonly-faults", X_PF, 3);
    check_hex("value-readonly-accessed", *entry() & PTE_D, 0);
    check_rc("value-back", set_pte_va((ul)where, maddr_of(where) | PT_KERNEL, UVMF_INVLPG), 0);
    check_rc("value-window", set_pte_va(w.va + 0x5000, maddr_of(a) | PT_KERNEL, UVMF_NONE), 0);
    check_hex("value-window-readable", *(u64 *)(w.va + 0x5000), 0xa);
    check_rc("value-offset-ignored", set_pte_va(w.va + 0x6123, maddr_of(a) | PT_KERNEL, UVMF_NONE),
             0);
    check_hex("value-offset-ignored-readable", *(u64 *)(w.va + 0x6000), 0xa);
}

static long otherdomain(ul va, u64 pte, ul flags, domid_t dom)
{
#if GUEST_BITS == 64
    return hc(update_va_mapping_otherdomain, va, pte, flags, dom);
#else
    return hc(update_va_mapping_otherdomain, va, (u32)pte, pte >> 32, flags, dom);
#endif
}

static void test_errors(void)
{
    u64 pte = maddr_of(a) | PT_KERNEL;

    check_rc("error-no-top", set_pte_va(NO_TABLE, pte, UVMF_INVLPG), -XEN_EINVAL);
#if GUEST_BITS == 64
    check_rc("error-no-l2", set_pte_va(w.va + (1UL << 30), pte, UVMF_INVLPG), -XEN_EINVAL);
#endif
    check_rc("error-no-l1", set_pte_va(w.va + 0x200000, pte, UVMF_INVLPG), -XEN_EINVAL);
#if GUEST_BITS == 64
    fact_rc("error-noncanonical", set_pte_va(0x800000000000UL, pte, UVMF_INVLPG));
#else
    fact_rc("error-hole", set_pte_va(IN_HOLE, pte, UVMF_INVLPG));
    fact_rc("error-hole-end", set_pte_va(0xfffff000UL, pte, UVMF_INVLPG));
#endif
    check_rc("error-m2p", set_pte_va((ul)M2P, pte, UVMF_INVLPG), -XEN_EINVAL);
    check_rc("error-no-such-frame", set_pte_va(w.va, BAD_MADDR | PT_KERNEL, UVMF_INVLPG),
             -XEN_EPERM);
    check_hex("error-changed-nothing", w.l1[0], 0);
    fact_rc("error-pse", set_pte_va(w.va, pte | PTE_PSE, UVMF_INVLPG));
    fact_rc("error-pcd", set_pte_va(w.va, pte | PTE_PCD, UVMF_INVLPG));
    fact_rc("error-writable-table", set_pte_va(w.va, maddr_of(w.l1) | PT_KERNEL, UVMF_INVLPG));
    fact_rc("otherdomain-self", otherdomain(w.va, pte, UVMF_INVLPG, DOMID_SELF));
    fact_rc("otherdomain-unknown", otherdomain(w.va, pte, UVMF_INVLPG, 0x7000));
}

void test_main(void)
{
    a = page_alloc();
    b = page_alloc();
    where = page_alloc();
    w = window_open(WINDOW(0));
    test_flags();
    test_values();
    test_errors();
}
