// SPDX-License-Identifier: MIT
/* A top table that was never pinned: an L3 with an L2 of its own for the last GiB, in which the
 * hypervisor has slots. */
#include "minimal.h"

USER_CODE(u_ud2, "ud2");

void test_base(void)
{
    u64 *old = kernel_top(), *l3 = page_alloc(), *l2 = page_alloc();
    const u64 *old_l2 = mfn_to_va(PTE_MFN(old[3]));

    check_true("cr3-is-initial", read_cr3() == mfn_of(old));
    memcpy(l2, old_l2, pt_index(HYPERVISOR_AT, 2) * sizeof(u64));
    l3[3] = maddr_of(l2) | PTE_P;
    make_readonly(l2);
    make_readonly(l3);
    check_rc("base-load", mmuext_one(MMUEXT_NEW_BASEPTR, mfn_of(l3), 0), 0);
    check_true("base-cr3", read_cr3() == mfn_of(l3));
    check_true("base-m2p", M2P[mfn_of(l3)] == pfn_of(l3));
    /* The hypervisor's part is there although the copy was made by plain stores. */
    PROBE("ud2", NONE, NONE);
    check_trap("base-exceptions", X_UD, -1);
    asm volatile("mov %0, %%cr3" ::"r"(cr3_of(mfn_of(old))) : "memory");
    check_true("base-back-by-mov-cr3", read_cr3() == mfn_of(old));
    /* (Xen lets go of the other one in the next call of this kind) */
    mmuext_one(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
    make_writable(l3);
    l3[3] = 0x1230;
    check_hex("base-plain-memory", l3[3], 0x1230);
    make_writable(l2);
    l2[511] = 0x1230;
    check_hex("base-l2-plain-memory", l2[511], 0x1230);
}

/* There is no table of user mode's. */
void test_user(void)
{
    user_init();
    fact_rc("user-load", mmuext_one(MMUEXT_NEW_USER_BASEPTR, mfn_of(kernel_top()), 0));
    user_run_at(user_addr(u_ud2));
    check("user-runs", user_exit.entry == X_UD && TRAP_FROM_USER(&user_exit), "%s",
          trap_name(&user_exit));
}
