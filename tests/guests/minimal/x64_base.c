// SPDX-License-Identifier: MIT
/* Top tables that were never pinned: the kernel's, and user mode's. */
#include "minimal.h"

USER_CODE(u_ud2, "ud2");

void test_base(void)
{
    u64 *old = kernel_top(), *l4 = page_alloc();

    check_true("cr3-is-initial", read_cr3() == mfn_of(old));
    memcpy(l4, old, PAGE_SIZE);
    make_readonly(l4);
    check_rc("base-load", mmuext_one(MMUEXT_NEW_BASEPTR, mfn_of(l4), 0), 0);
    check_true("base-cr3", read_cr3() == mfn_of(l4));
    check_true("base-m2p", M2P[mfn_of(l4)] == pfn_of(l4));
    /* The hypervisor's part is there although the copy was made by plain stores. */
    PROBE("ud2", NONE, NONE);
    check_trap("base-exceptions", X_UD, -1);
    asm volatile("mov %0, %%cr3" ::"r"((u64)mfn_of(old) << PAGE_SHIFT) : "memory");
    check_true("base-back-by-mov-cr3", read_cr3() == mfn_of(old));
    make_writable(l4);
    l4[511] = 0x1230;
    check_hex("base-plain-memory", l4[511], 0x1230);
}

/* As user_init(), but the user L4 is loaded without having been pinned. */
void test_user(void)
{
    u64 *l4 = page_alloc();

    user_init();
    memcpy(l4, user_l4, PAGE_SIZE);
    make_readonly(l4);
    check_rc("user-load", mmuext_one(MMUEXT_NEW_USER_BASEPTR, mfn_of(l4), 0), 0);
    user_run_at(user_addr(u_ud2));
    check("user-runs", user_exit.entry == X_UD && TRAP_FROM_USER(&user_exit), "%s",
          trap_name(&user_exit));
    check_rc("user-same-as-kernel", mmuext_one(MMUEXT_NEW_USER_BASEPTR, mfn_of(kernel_top()), 0),
             0);
    user_run_at(user_addr(u_ud2));
    check("user-runs-on-kernel's", user_exit.entry == X_UD && TRAP_FROM_USER(&user_exit), "%s",
          trap_name(&user_exit));
}
