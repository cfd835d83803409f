// SPDX-License-Identifier: MIT
/*
 * Recursive slots of a 32-bit guest, as NetBSD/i386 has them with PAE: four entries of the last
 * level-2 table point at the four level-2 tables, read-only, so that 8 MiB show all page tables,
 * and in these the level-2 tables themselves. What is written by mmu_update must be visible there
 * at once, in each GiB, and follow the base pointer; with 64 bits: guest linear.
 */
#include "guest.h"

#define SLOT   128
#define LINEAR (3UL << 30 | (ul)SLOT << 21)
#define SHOWN  (PTE_P | PTE_A)

static volatile u64 *l1_of(ul va)
{
    return (volatile u64 *)(LINEAR + (va >> 12) * sizeof(u64));
}

static volatile u64 *l2_of(ul va)
{
    return l1_of((ul)l1_of(va));
}

static u64 *table_of(const u64 *l3, unsigned int gib)
{
    return mfn_to_va(PTE_MFN(l3[gib]));
}

/* The slots of an L3's last table, which isn't in use yet or is. */
static long show(const u64 *l3, unsigned int first, const u64 *shown, unsigned int gibs)
{
    u64 *last = table_of(l3, 3);
    long rc = 0;

    for (unsigned int i = 0; i < gibs; i++)
        rc |= mmu_update_one(maddr_of(&last[first + i]), maddr_of(table_of(shown, i)) | SHOWN);
    return rc;
}

static struct window w[2];
static u64 *data;

/* The lower half of an entry, as it is. */
static void write_same(const char *name, volatile u64 *entry)
{
    PROBE("mov %1, (%0)", NONE, LIST("r"(entry), "r"((u32)*entry)));
    fact_trap(name);
}

static void test_reading(void)
{
    const u64 *l3 = kernel_top();
    ul places[] = {w[0].va + 5 * PAGE_SIZE, USER_BASE, w[1].va, (ul)data};

    check_rc("slots", show(l3, SLOT, l3, 4), 0);
    for (unsigned int i = 0; i < ARRAY_LEN(places); i++) {
        print("GiB %u\n", i);
        check_true("same-l1", *l1_of(places[i]) == *pt_entry(kernel_top(), places[i], 1));
        check_true("same-l2", (*l2_of(places[i]) & ~(PTE_A | PTE_D)) ==
                                  (*pt_entry(kernel_top(), places[i], 2) & ~(PTE_A | PTE_D)));
    }
    check_true("l1-frame", PTE_MFN(*l1_of((ul)data)) == mfn_of(data));
    check_true("last-l2-is-itself",
               PTE_MFN(*l2_of(LINEAR + (3UL << 21))) == mfn_of(table_of(l3, 3)));
    write_same("write-through-it-l1", l1_of((ul)data));
    write_same("write-through-it-l2", l2_of((ul)data));
}

static void test_updates(void)
{
    ul va = w[0].va;

    check_rc("update-map", mmu_update_one(maddr_of(&w[0].l1[3]), maddr_of(data) | PT_KERNEL), 0);
    check_true("update-seen", PTE_MFN(*l1_of(va + 3 * PAGE_SIZE)) == mfn_of(data));
    /* The machine address for mmu_update taken from the entry one level up, as NetBSD does it. */
    check_rc("update-by-linear-address",
             mmu_update_one(PTE_MFN(*l2_of(va)) << 12 | 4 * 8, maddr_of(data) | PT_KERNEL), 0);
    check_true("update-by-linear-address-seen",
               PTE_MFN(*l1_of(va + 4 * PAGE_SIZE)) == mfn_of(data));
    check_num("update-usable", (long)*(u64 *)(va + 4 * PAGE_SIZE), 0x99);
    check_rc("update-unmap", mmu_update_one(maddr_of(&w[0].l1[3]), 0), 0);
    check_hex("update-unmap-seen", *l1_of(va + 3 * PAGE_SIZE), 0);
    PROBE_READ(l1_of(va + (8UL << 21)));
    check_trap("no-table-faults", X_PF, 0);
    /* another table for the 2 MiB */
    check_rc("update-l2", mmu_update_one(maddr_of(&w[0].l2[0]), maddr_of(w[1].l1) | PT_TABLE), 0);
    mmuext_one(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
    check_hex("update-l2-seen", *l1_of(va + 4 * PAGE_SIZE), 0);
    check_rc("update-l2-back", mmu_update_one(maddr_of(&w[0].l2[0]), maddr_of(w[0].l1) | PT_TABLE),
             0);
    mmuext_one(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
    check_true("update-l2-back-seen", PTE_MFN(*l1_of(va + 4 * PAGE_SIZE)) == mfn_of(data));
}

/* Its own last table, with its own slots, and the first GiB another one. */
static u64 *other_l3(struct window *first)
{
    u64 *l3 = page_alloc(), *last = page_alloc();

    *first = window_build(WINDOW(0));
    first->l1[4] = maddr_of(page_alloc()) | PT_KERNEL;
    make_readonly(first->l1);
    make_readonly(first->l2);
    memcpy(l3, kernel_top(), 4 * sizeof(u64));
    memcpy(last, table_of(l3, 3), SLOT * sizeof(u64));
    l3[0] = maddr_of(first->l2) | PT_TOP;
    l3[3] = maddr_of(last) | PT_TOP;
    make_readonly(last);
    make_readonly(l3);
    return l3;
}

static void test_other_base(void)
{
    ul first = mfn_of(kernel_top());
    struct window other;
    u64 *l3 = other_l3(&other);

    check_rc("second-pin", mmuext_one(MMUEXT_PIN_L3_TABLE, mfn_of(l3), 0), 0);
    check_rc("second-slots", show(l3, SLOT, l3, 4), 0);
    check_rc("second-load", mmuext_one(MMUEXT_NEW_BASEPTR, mfn_of(l3), 0), 0);
    check_true("second-own-l1", *l1_of(other.va + 4 * PAGE_SIZE) == other.l1[4]);
    check_true("second-shared-l1", PTE_MFN(*l1_of((ul)data)) == mfn_of(data));
    check_rc("second-back", mmuext_one(MMUEXT_NEW_BASEPTR, first, 0), 0);
    check_true("first-again", PTE_MFN(*l1_of(w[0].va + 4 * PAGE_SIZE)) == mfn_of(data));
    /* seen from the first one, for changing a process that doesn't run */
    check_rc("foreign-slots", show(kernel_top(), SLOT + 4, l3, 3), 0);
    fact_rc("foreign-last-slot", mmu_update_one(maddr_of(&table_of(kernel_top(), 3)[SLOT + 7]),
                                                maddr_of(table_of(l3, 3)) | SHOWN));
    check_true("foreign-l1", l1_of(other.va + 4 * PAGE_SIZE)[4 << 18] == other.l1[4]);
    for (unsigned int i = 0; i < 4; i++)
        mmu_update_one(maddr_of(&table_of(kernel_top(), 3)[SLOT + 4 + i]), 0);
    check_rc("second-slots-off", mmu_update_one(maddr_of(&table_of(l3, 3)[SLOT + 3]), 0), 0);
    check_rc("second-unpin", mmuext_one(MMUEXT_UNPIN_TABLE, mfn_of(l3), 0), 0);
    fact_rc("writable-slot", mmu_update_one(maddr_of(&table_of(kernel_top(), 3)[SLOT]),
                                            maddr_of(table_of(kernel_top(), 0)) | PT_TABLE));
}

void test_main(void)
{
    user_init();
    data = page_alloc();
    *data = 0x99;
    w[0] = window_open(WINDOW(0));
    w[1] = window_open(WINDOW(1));
    test_reading();
    test_updates();
    test_other_base();
}
