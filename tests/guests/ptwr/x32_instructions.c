// SPDX-License-Identifier: MIT
/*
 * Which instructions may write an entry, with 32 bits: CMPXCHG8B at once, or two stores of four
 * bytes, the order of which makes an entry of the half that is old and the half that is new.
 */
#include "ptwr.h"

static bool __attribute__((noinline)) cmpxchg8b(u64 *to, u64 *old, u64 new)
{
    u32 lo = *old, hi = *old >> 32;
    bool equal = false;

    trap_arm();
    asm volatile(FIXUP_AT "lock cmpxchg8b %0; setz %1\n9:\t" FIXUP_OFF
                 : "+m"(*to), "+m"(equal), "+a"(lo), "+d"(hi)
                 : "b"((u32) new), "c"((u32)(new >> 32))
                 : "memory", "cc");
    *old = (u64)hi << 32 | lo;
    return equal;
}

void test_instructions(void)
{
    u64 pte = maddr_of(data) | PT_KERNEL, old = 0;
    u64 high = pte & ~UINT64_C(0xffffffff);
    u32 low = maddr_of(other) | PT_KERNEL;
    bool bit, equal;

    if (maddr_of(other) >> 32 != high >> 32)
        panic("frames that differ in the high half");
    equal = cmpxchg8b(&w.l1[1], &old, pte);
    check_trap("cmpxchg8b", X_NONE, 0);
    check_true("cmpxchg8b-equal", equal);
    check_hex("cmpxchg8b-usable", READ_ONCE(*va(1)), 0xd);
    old = 0;
    equal = cmpxchg8b(&w.l1[1], &old, 0);
    check_trap("cmpxchg8b-unequal", X_NONE, 0);
    check_true("cmpxchg8b-unequal-says-so", !equal && PTE_MFN(old) == mfn_of(data));
    check_true("cmpxchg8b-unequal-unchanged", PTE_MFN(w.l1[1]) == mfn_of(data));
    PROBE("xchgl %1, %0", LIST("+m"(*(u32 *)&w.l1[1]), "+r"(low)), NONE);
    check_trap("xchg-low-half", X_NONE, 0);
    check_true("xchg-old-frame", PTE_MFN(high | low) == mfn_of(data));
    flush();
    check_hex("xchg-usable", READ_ONCE(*va(1)), 0);
    PROBE("lock btrl $1, %0; setc %1", LIST("+m"(w.l1[1]), "=r"(bit)), NONE);
    check_trap("btr", X_NONE, 0);
    check_true("btr-old-bit", bit);
    flush();
    PROBE_WRITE(va(1));
    check_trap("btr-is-readonly-now", X_PF, 3);
    PROBE("lock btsl $1, %0; setc %1", LIST("+m"(w.l1[1]), "=r"(bit)), NONE);
    check_trap("bts", X_NONE, 0);
    check_true("bts-old-bit", !bit);
    PROBE("lock andl %1, %0", "+m"(*(u32 *)&w.l1[1]), "r"((u32)~PTE_RW));
    check_trap("and", X_NONE, 0);
    PROBE("lock orl %1, %0", "+m"(*(u32 *)&w.l1[1]), "r"((u32)PTE_RW));
    check_trap("or", X_NONE, 0);
    check_true("or-result", w.l1[1] & PTE_RW);
    PROBE("movl $0, %0", "=m"(*(u32 *)&w.l1[1]), NONE);
    check_trap("mov-immediate-low-half", X_NONE, 0);
    check_true("mov-immediate-result", w.l1[1] == high);
    flush();
    PROBE_READ(va(1));
    check_trap("mov-immediate-unmapped", X_PF, 0);
}

/* As native kernels do it: clear P, write the high half, then the low one with P. */
static void test_halves(void)
{
    u64 pte = maddr_of(data) | PT_KERNEL | PTE_NX;
    u32 *half = (u32 *)&w.l1[2];

    PROBE("movl %1, %0", "=m"(half[1]), "r"((u32)(pte >> 32)));
    check_trap("high-half-first", X_NONE, 0);
    check_true("high-half-first-entry", w.l1[2] == (pte & ~UINT64_C(0xffffffff)));
    PROBE("movl %1, %0", "=m"(half[0]), "r"((u32)pte));
    check_trap("low-half-second", X_NONE, 0);
    check_hex("halves-usable", READ_ONCE(*va(2)), 0xd);
    check_hex("halves-nx", w.l1[2] & PTE_NX, PTE_NX);
    /* The high half of an entry that is present: a frame that may not be there, or is. */
    PROBE("movl %1, %0", "=m"(half[1]), "r"(0));
    fact_trap("high-half-of-present");
    fact_hex("high-half-of-present-entry", w.l1[2] & ~PTE_FRAME);
    PROBE("movl %1, %0", "=m"(half[1]), "r"(0x00000fff));
    fact_trap("high-half-of-present-no-frame");
    fact_hex("high-half-of-present-no-frame-low", w.l1[2] & 0xfff);
    mmu_update_one(maddr_of(&w.l1[2]), 0);
    /* The low half first, without a frame for it yet. */
    PROBE("movl %1, %0", "=m"(half[1]), "r"(0x00000fff));
    fact_trap("high-half-no-frame-not-present");
    PROBE("movl %1, %0", "=m"(half[0]), "r"((u32)pte));
    fact_trap("low-half-makes-no-frame");
    fact_hex("low-half-makes-no-frame-low", w.l1[2] & 0xfff);
    mmu_update_one(maddr_of(&w.l1[2]), 0);
    flush();
}

void test_sizes(void)
{
    test_halves();
    mmu_update_one(maddr_of(&w.l1[2]), maddr_of(data) | PT_KERNEL);
    PROBE("movb %1, %0", "=m"(*(u8 *)&w.l1[2]), "q"((u8)(PTE_P | PTE_A)));
    check_trap("byte", X_NONE, 0);
    flush();
    check_hex("byte-usable", READ_ONCE(*va(2)), 0xd);
    PROBE("movw %1, %0", "=m"(*(u16 *)&w.l1[2]), "r"((u16)w.l1[2]));
    fact_trap("two-bytes");
    PROBE("rep stosl", NONE, LIST("D"(&w.l1[16]), "a"(0UL), "c"(8UL)));
    fact_trap("rep-stosl");
    PROBE("movq %%mm0, %0", "=m"(w.l1[20]), NONE);
    fact_trap("eight-bytes-mmx");
    PROBE("movups %%xmm0, %0", "=m"(w.l1[20]), NONE);
    fact_trap("sixteen-bytes");
}
