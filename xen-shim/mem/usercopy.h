/* SPDX-License-Identifier: MIT */
/*
 * Guest virtual memory.  Pointers in hypercalls are linear addresses of the guest kernel's page
 * tables; a bad one is -XEN_EFAULT for the guest and never a fault of the shim.
 */
#ifndef SHIM_USERCOPY_H
#define SHIM_USERCOPY_H

#include "layout.h"
#include "types.h"

u64 guest_copy_raw(void *dst, const void *src, u64 n); /* usercopy.S; bytes not copied */

/* The guest's own addresses: canonical, and not in the hypervisor's hole. */
static inline bool guest_range_ok(u64 addr, u64 n)
{
    return addr + n >= addr && (addr + n <= LOW_END || addr >= HOLE_END);
}

/* Return true when all n bytes were copied. */
static inline bool copy_from_guest(void *dst, u64 src, u64 n)
{
    return guest_range_ok(src, n) && guest_copy_raw(dst, (const void *)src, n) == 0;
}

static inline bool copy_to_guest(u64 dst, const void *src, u64 n)
{
    return guest_range_ok(dst, n) && guest_copy_raw((void *)dst, src, n) == 0;
}

/* One naturally aligned word, without the call. */
static inline bool get_guest_u64(u64 *v, u64 addr)
{
    u64 out = 0;
    bool ok = false;

    if (unlikely(!guest_range_ok(addr, 8)))
        return false;
    __asm__ volatile("1: movq %2, %0\n   movb $1, %1\n"
                     "2:\n"
                     ".pushsection .extable, \"a\"\n .quad 1b, 2b, 2b\n.popsection"
                     : "+r"(out), "+q"(ok)
                     : "m"(*(const u64 *)addr));
    *v = out;
    return ok;
}

/* Two of them in a row; the range has been checked. */
static inline bool get_guest_pair(u64 *a, u64 *b, u64 addr)
{
    u64 first = 0, second = 0;
    bool ok = false;

    __asm__ volatile("1: movq %3, %0\n   movq %4, %1\n   movb $1, %2\n"
                     "2:\n"
                     ".pushsection .extable, \"a\"\n .quad 1b, 2b, 2b\n.popsection"
                     : "+&r"(first), "+r"(second), "+q"(ok)
                     : "m"(*(const u64 *)addr), "m"(*(const u64 *)(addr + 8)));
    *a = first;
    *b = second;
    return ok;
}

/* The range has been checked. */
static inline bool put_guest_word(u64 addr, u64 v)
{
    bool ok = false;

    __asm__ volatile("1: movq %2, %1\n   movb $1, %0\n"
                     "2:\n"
                     ".pushsection .extable, \"a\"\n .quad 1b, 2b, 2b\n.popsection"
                     : "+q"(ok), "=m"(*(u64 *)addr)
                     : "r"(v));
    return ok;
}

static inline bool put_guest_u64(u64 addr, u64 v)
{
    return guest_range_ok(addr, 8) && put_guest_word(addr, v);
}

#endif
