/* SPDX-License-Identifier: MIT */
/*
 * A walk for fast paths, which only asks: no branch on the way down, no look at what a frame is.
 * What the guest wrote may lead nowhere, and that ends the walk by the exception table; what is
 * absent above spoils the answer.  To act on an entry takes walk.h or a check of each frame.
 */
#ifndef SHIM_QUICKWALK_H
#define SHIM_QUICKWALK_H

#include "map.h"
#include "shim.h"

/* e = the entry for addr in a table, by the shift of its level; where that faults: to the label. */
#define READ_ENTRY(e, table, addr, shift, nowhere)                                                 \
    __asm__ goto("1: movq %1, %0\n"                                                                \
                 ".pushsection .extable, \"a\"\n .quad 1b, 1b, %l2\n.popsection"                   \
                 : "=r"(e)                                                                         \
                 : "m"((table)[(addr) >> (shift)&511])                                             \
                 :                                                                                 \
                 : nowhere)

/* What all four entries for addr have in common, by the level-4 table at physical address root, and
 * the last of them in *leaf; 0 where the walk ended. */
static inline u64 quickwalk(u64 root, u64 addr, u64 *leaf)
{
    u64 e = 0, all;

    READ_ENTRY(e, (const u64 *)va(root), addr, 39, nowhere);
    all = e;
    READ_ENTRY(e, (const u64 *)mfn_va(PTE_MFN(e)), addr, 30, nowhere);
    all &= e;
    READ_ENTRY(e, (const u64 *)mfn_va(PTE_MFN(e)), addr, 21, nowhere);
    all &= e;
    READ_ENTRY(e, (const u64 *)mfn_va(PTE_MFN(e)), addr, 12, nowhere);
    *leaf = e;
    return all & e;
nowhere:
    *leaf = 0;
    return 0;
}

/* The level-2 entry for addr, where the tables above lead to a level-1 table by it; else 0. Whether
 * one is in that frame the caller finds out. */
static inline u64 quickwalk_table(u64 root, u64 addr)
{
    u64 e = 0, all, any;

    READ_ENTRY(e, (const u64 *)va(root), addr, 39, nowhere);
    all = e;
    READ_ENTRY(e, (const u64 *)mfn_va(PTE_MFN(e)), addr, 30, nowhere);
    all &= any = e;
    READ_ENTRY(e, (const u64 *)mfn_va(PTE_MFN(e)), addr, 21, nowhere);
    all &= e;
    any |= e;
    return all & PTE_P && !(any & PTE_PS) ? e : 0;
nowhere:
    return 0;
}

#undef READ_ENTRY

#endif
