// SPDX-License-Identifier: MIT
/*
 * A recursive slot (pv-guest-abi 5.3): an L4 entry that points at the L4 itself, read-only, makes
 * all tables readable at fixed addresses; NetBSD reads every entry that way and writes by
 * mmu_update. So what is written must be visible there at once, for each level, and follow the base
 * pointer. A writable recursive entry is what a hypervisor with something to protect refuses.
 */
#include "guest.h"

#define SLOT          320
#define CANONICAL(va) ((ul)((long)((va) << 16) >> 16))

/* Where the recursive slot shows the entry for va at a level. */
static volatile u64 *linear(ul va, int level)
{
    ul index = (va & 0xffffffffffffUL) >> 12, base = (ul)SLOT << 39;

    for (int l = 1; l < level; l++) {
        index >>= 9;
        base |= (ul)SLOT << (39 - 9 * l);
    }
    return (volatile u64 *)(CANONICAL(base) + index * 8);
}

static u64 *data;

static void test_reading(void)
{
    u64 *l4 = kernel_l4();

    check_rc("slot-readonly",
             mmu_update_one(maddr_of(&l4[SLOT]), maddr_of(l4) | (PT_TABLE & ~PTE_RW)), 0);
    for (int level = 1; level <= 4; level++) {
        print("level %d\n", level);
        check_true("same-entry", (*linear((ul)data, level) & ~(PTE_A | PTE_D)) ==
                                     (*pt_entry(l4, (ul)data, level) & ~(PTE_A | PTE_D)));
    }
    check_true("l1-frame", PTE_MFN(*linear((ul)data, 1)) == mfn_of(data));
    check_true("l4-is-itself", PTE_MFN(*linear(CANONICAL((ul)SLOT << 39), 4)) == mfn_of(l4));
    PROBE("mov %%rax, (%0)", NONE, "r"(linear((ul)data, 4)));
    fact_trap("write-through-it-l4");
}

static void test_updates(void)
{
    struct window w = window_open(321);

    check_rc("update-map", mmu_update_one(maddr_of(&w.l1[3]), maddr_of(data) | PT_KERNEL), 0);
    check_true("update-seen", PTE_MFN(*linear(w.va + 3 * PAGE_SIZE, 1)) == mfn_of(data));
    /* The machine address for mmu_update taken from the entry one level up, as NetBSD does it. */
    check_rc("update-by-linear-address",
             mmu_update_one(PTE_MFN(*linear(w.va, 2)) << 12 | 4 * 8, maddr_of(data) | PT_KERNEL),
             0);
    check_true("update-by-linear-address-seen",
               PTE_MFN(*linear(w.va + 4 * PAGE_SIZE, 1)) == mfn_of(data));
    check_num("update-usable", *(u64 *)(w.va + 4 * PAGE_SIZE), 0x99);
    check_rc("update-unmap", mmu_update_one(maddr_of(&w.l1[3]), 0), 0);
    check_hex("update-unmap-seen", *linear(w.va + 3 * PAGE_SIZE, 1), 0);
    PROBE("mov (%0), %%rax", NONE, "r"(linear(w.va + (1UL << 30), 1)), "rax");
    check_trap("no-table-faults", X_PF, 0);
}

static void test_other_base(void)
{
    u64 *old = kernel_l4(), *l4 = page_alloc();

    memcpy(l4, old, PAGE_SIZE);
    l4[SLOT] = maddr_of(l4) | (PT_TABLE & ~PTE_RW);
    l4[330] = 0;
    make_readonly(l4);
    check_rc("second-pin", mmuext_one(MMUEXT_PIN_L4_TABLE, mfn_of(l4), 0), 0);
    check_rc("second-load", mmuext_one(MMUEXT_NEW_BASEPTR, mfn_of(l4), 0), 0);
    check_true("second-is-itself", PTE_MFN(*linear(CANONICAL((ul)SLOT << 39), 4)) == mfn_of(l4));
    check_true("second-l1", PTE_MFN(*linear((ul)data, 1)) == mfn_of(data));
    check_rc("second-back", mmuext_one(MMUEXT_NEW_BASEPTR, mfn_of(old), 0), 0);
    check_true("first-again", PTE_MFN(*linear(CANONICAL((ul)SLOT << 39), 4)) == mfn_of(old));
    check_rc("second-unpin", mmuext_one(MMUEXT_UNPIN_TABLE, mfn_of(l4), 0), 0);
}

/* A slot that shows another L4 than the current one: for changing a process that doesn't run. */
static void test_foreign_slot(void)
{
    u64 *old = kernel_l4(), *l4 = page_alloc();
    volatile u64 *shown;

    l4[5] = 0x7ed000UL;
    l4[SLOT] = maddr_of(l4) | (PT_TABLE & ~PTE_RW);
    make_readonly(l4);
    check_rc("other-pin", mmuext_one(MMUEXT_PIN_L4_TABLE, mfn_of(l4), 0), 0);
    check_rc("other-slot",
             mmu_update_one(maddr_of(&old[SLOT + 2]), maddr_of(l4) | (PT_TABLE & ~PTE_RW)), 0);
    /* Through our slot, then round by its own. */
    shown = (void *)CANONICAL((ul)(SLOT + 2) << 39 | (ul)SLOT << 30 | SLOT << 21 | SLOT << 12);
    check_hex("other-entry", shown[5], 0x7ed000UL);
    check_rc("other-slot-off", mmu_update_one(maddr_of(&old[SLOT + 2]), 0), 0);
    fact_rc("writable-slot", mmu_update_one(maddr_of(&old[SLOT]), maddr_of(old) | PT_TABLE));
}

void test_main(void)
{
    data = page_alloc();
    *data = 0x99;
    test_reading();
    test_updates();
    test_other_base();
    test_foreign_slot();
}
