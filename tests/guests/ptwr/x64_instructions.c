// SPDX-License-Identifier: MIT
/* Which instructions may write an entry. */
#include "ptwr.h"

void test_instructions(void)
{
    u64 pte = maddr_of(data) | PT_KERNEL, old;
    bool bit;

    PROBE("movq %1, %0", "=m"(w.l1[1]), "r"(pte));
    check_trap("mov", X_NONE, 0);
    check_hex("mov-usable", READ_ONCE(*va(1)), 0xd);
    old = maddr_of(other) | PT_KERNEL;
    PROBE("xchg %1, %0", LIST("+m"(w.l1[1]), "+r"(old)), NONE);
    check_trap("xchg", X_NONE, 0);
    check_true("xchg-old-frame", PTE_MFN(old) == mfn_of(data));
    flush();
    check_hex("xchg-usable", READ_ONCE(*va(1)), 0x0);
    old = w.l1[1];
    PROBE("lock cmpxchg %2, %0; setz %b1", LIST("+m"(w.l1[1]), "=&d"(old)),
          LIST("r"(pte), "a"(w.l1[1])));
    check_trap("cmpxchg", X_NONE, 0);
    check_num("cmpxchg-equal", old & 1, 1);
    flush();
    check_hex("cmpxchg-usable", READ_ONCE(*va(1)), 0xd);
    PROBE("xor %%edx, %%edx; lock cmpxchg %2, %0; setz %b1", LIST("+m"(w.l1[1]), "=&d"(old)),
          LIST("r"(0UL), "a"(0UL)));
    check_num("cmpxchg-unequal", old & 1, 0);
    check_true("cmpxchg-unequal-unchanged", PTE_MFN(w.l1[1]) == mfn_of(data));
    PROBE("lock btrq $1, %0; setc %1", LIST("+m"(w.l1[1]), "=r"(bit)), NONE);
    check_trap("btr", X_NONE, 0);
    check_true("btr-old-bit", bit);
    flush();
    PROBE("mov %%rax, %0", "=m"(*va(1)), NONE);
    check_trap("btr-is-readonly-now", X_PF, 3);
    PROBE("lock btsq $1, %0; setc %1", LIST("+m"(w.l1[1]), "=r"(bit)), NONE);
    check_trap("bts", X_NONE, 0);
    check_true("bts-old-bit", !bit);
    PROBE("mov %1, %0", "=m"(*va(1)), "r"(0xdUL));
    check_trap("bts-is-writable-now", X_NONE, 0);
    PROBE("lock andq %1, %0", "+m"(w.l1[1]), "r"(~PTE_RW));
    check_trap("and", X_NONE, 0);
    PROBE("lock orq %1, %0", "+m"(w.l1[1]), "r"(PTE_RW));
    check_trap("or", X_NONE, 0);
    check_true("or-result", w.l1[1] & PTE_RW);
    PROBE("movq $0, %0", "=m"(w.l1[1]), NONE);
    check_trap("mov-immediate", X_NONE, 0);
    check_hex("mov-immediate-result", w.l1[1], 0);
    flush();
    PROBE("mov %0, %%rax", NONE, "m"(*va(1)), "rax");
    check_trap("mov-immediate-unmapped", X_PF, 0);
}

void test_sizes(void)
{
    u64 pte = maddr_of(data) | PT_KERNEL;
    u32 *half = (u32 *)&w.l1[2];

    PROBE("movl %1, %0", "=m"(half[1]), "r"((u32)(pte >> 32)));
    check_trap("high-half", X_NONE, 0);
    PROBE("movl %1, %0", "=m"(half[0]), "r"((u32)pte));
    check_trap("low-half", X_NONE, 0);
    check_hex("halves-usable", READ_ONCE(*va(2)), 0xd);
    PROBE("movb %1, %0", "=m"(*(u8 *)&w.l1[2]), "q"((u8)(PTE_P | PTE_A)));
    check_trap("byte", X_NONE, 0);
    flush();
    check_hex("byte-usable", READ_ONCE(*va(2)), 0xd);
    PROBE("movq %1, %0", "=m"(w.l1[3]), "r"(UINT64_C(0x7edcba9876543210)));
    check_hex("swap-entry-verbatim", w.l1[3], UINT64_C(0x7edcba9876543210));
    PROBE("rep stosq", NONE, LIST("D"(&w.l1[16]), "a"(0UL), "c"(4UL)));
    fact_trap("rep-stosq");
    PROBE("movups %%xmm0, %0", "=m"(w.l1[20]), NONE);
    fact_trap("sixteen-bytes");
}
