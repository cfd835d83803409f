// SPDX-License-Identifier: MIT
/*
 * The L3 of a 32-bit guest, which a 64-bit hypervisor can't use as it is: an entry that is stored
 * in one in use is live at once, on every vCPU that runs on it, and one that is taken out is gone;
 * so is one of an L3 that isn't pinned. Two L3s have a last L2 each, with the machine-to-phys table
 * in both; what lies there is the hypervisor's. The second vCPU is given by `vcpus = 2`.
 */
#include "guest.h"

static volatile struct {
    ul step, wanted, read, traps, cr3;
} ap;
static u8 ap_stack[2 * PAGE_SIZE] page_aligned;
static struct vcpu_guest_context context;
static volatile u32 *word;

/* Reads the word once for each step that vCPU 0 wants. */
static void ap_main(void)
{
    trap_init(); /* each vCPU has a table of its own */
    for (;;) {
        while (ap.step == ap.wanted)
            hc(sched_op, SCHEDOP_yield, 0);
        PROBE("mov (%1), %0", "=r"(ap.read), "r"(word));
        ap.traps = last_trap.entry == X_PF;
        asm volatile("mov %%cr3, %0" : "=r"(ap.cr3));
        ap.step = ap.wanted;
    }
}

static bool ap_reads(void)
{
    ap.wanted++;
    return wait_until(ap.step == ap.wanted);
}

static ul cr3(void)
{
    ul v;

    asm volatile("mov %%cr3, %0" : "=r"(v));
    return v;
}

static long store(u64 *entry, u64 val)
{
    return mmu_update_one(maddr_of(entry), val);
}

/* A copy of the kernel's L3, with a copy of its last L2. */
static u64 *second_root(void)
{
    u64 *l3 = page_alloc(), *l2 = page_alloc();

    memcpy(l3, kernel_top(), PAGE_SIZE);
    memcpy(l2, mfn_to_va(PTE_MFN(l3[3])), PAGE_SIZE);
    memset(&l2[428], 0, 84 * sizeof(u64));
    l3[3] = maddr_of(l2) | PTE_P;
    make_readonly(l3);
    make_readonly(l2);
    return l3;
}

static void test_live(void)
{
    struct window w = window_build(WINDOW(0));
    u32 *page = page_alloc();

    make_readonly(w.l1);
    make_readonly(w.l2);
    word = (u32 *)w.va;
    *page = 0x12345678;
    check_true("ap-answers", ap_reads());
    check_num("ap-faults-before", ap.traps, 1);
    check_rc("l1-entry", store(w.l1, maddr_of(page) | PT_KERNEL), 0);
    check_rc("l3-entry", store(&kernel_top()[WINDOW(0)], maddr_of(w.l2) | PT_TOP), 0);
    PROBE_READ(word);
    check_trap("own-read", X_NONE, -1);
    check_true("ap-goes-on", ap_reads());
    check_num("ap-faults", ap.traps, 0);
    check_hex("ap-read", ap.read, 0x12345678);
    check_true("ap-cr3", ap.cr3 == cr3());
    check_rc("l3-entry-out", store(&kernel_top()[WINDOW(0)], 0), 0);
    PROBE_READ(word);
    check_trap("own-read-after", X_PF, 0);
    check_true("ap-still-there", ap_reads());
    check_num("ap-faults-after", ap.traps, 1);
    check_rc("l3-entry-again", store(&kernel_top()[WINDOW(0)], maddr_of(w.l2) | PT_TOP), 0);
}

static void test_second_root(void)
{
    u64 *l3 = second_root();
    ul first = mfn_of(kernel_top());

    check_rc("pin", mmuext_one(MMUEXT_PIN_L3_TABLE, mfn_of(l3), 0), 0);
    check_rc("load", mmuext_one(MMUEXT_NEW_BASEPTR, mfn_of(l3), 0), 0);
    check_true("cr3", cr3() == cr3_of(mfn_of(l3)));
    check_true("m2p", M2P[mfn_of(l3)] == pfn_of(l3));
    PROBE_WRITE(M2P);
    check_trap("m2p-write", X_PF, 3);
    PROBE_READ(word);
    check_trap("shared-gib", X_NONE, -1);
    check_rc("entry-out", store(&l3[WINDOW(0)], 0), 0);
    PROBE_READ(word);
    check_trap("without-entry", X_PF, 0);
    check_true("ap-on-the-other", ap_reads());
    check_num("ap-has-it", ap.traps, 0);
    check_rc("entry-of-the-other-out", store(&kernel_top()[WINDOW(0)], 0), 0);
    check_true("ap-sees-it", ap_reads());
    check_num("ap-has-it-not", ap.traps, 1);
    fact_rc("slot-428", store((u64 *)mfn_to_va(PTE_MFN(l3[3])) + 428, 0));
    fact_rc("slot-511", store((u64 *)mfn_to_va(PTE_MFN(l3[3])) + 511, 0));
    check_rc("slot-427", store((u64 *)mfn_to_va(PTE_MFN(l3[3])) + 427, 0), 0);
    fact_rc("l3-slot-4", store(&l3[4], 0));
    check_true("m2p-stays", M2P[first] == pfn_of(kernel_top()));
    check_rc("back", mmuext_one(MMUEXT_NEW_BASEPTR, first, 0), 0);
    check_true("back-cr3", cr3() == cr3_of(first));
    check_rc("unpin", mmuext_one(MMUEXT_UNPIN_TABLE, mfn_of(l3), 0), 0);
    check_rc("load-unpinned", mmuext_one(MMUEXT_NEW_BASEPTR, mfn_of(l3), 0), 0);
    check_true("m2p-unpinned", M2P[mfn_of(l3)] == pfn_of(l3));
    check_rc("back-again", mmuext_one(MMUEXT_NEW_BASEPTR, first, 0), 0);
    PROBE("mov %0, %%cr3", NONE, "r"(cr3_of(mfn_of(l3))));
    check_trap("mov-cr3", X_NONE, -1);
    check_true("mov-cr3-read", cr3() == cr3_of(mfn_of(l3)));
    PROBE("mov %0, %%cr3", NONE, "r"(cr3_of(first)));
    check_true("mov-cr3-back", cr3() == cr3_of(first));
    fact_rc("load-data", mmuext_one(MMUEXT_NEW_BASEPTR, mfn_of(page_alloc()), 0));
    fact_rc("pin-l4", mmuext_one(MMUEXT_PIN_L4_TABLE, mfn_of(page_alloc()), 0));
    fact_rc("user-root", mmuext_one(MMUEXT_NEW_USER_BASEPTR, first, 0));
}

void test_main(void)
{
    vcpu_context(&context, ap_main, ap_stack + sizeof(ap_stack));
    word = (u32 *)VIRT_BASE;
    check_rc("initialise", hc(vcpu_op, VCPUOP_initialise, 1, &context), 0);
    check_rc("up", hc(vcpu_op, VCPUOP_up, 1, 0), 0);
    test_live();
    test_second_root();
}
