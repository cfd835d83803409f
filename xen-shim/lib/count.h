/* SPDX-License-Identifier: MIT */
/*
 * What instructions hide: counters of things that cost more than they look.  Only in an image that
 * is built with COUNT=1 (build.mk); elsewhere COUNT() is nothing at all, which no test of a flag
 * could be.  They are read by the forced CPUID, leaf COUNT_LEAF + n / 2: two of them a leaf, in
 * EBX:EAX and EDX:ECX, in the order of the list.  tests/bench includes this file too.
 */
#ifndef SHIM_COUNT_H
#define SHIM_COUNT_H

#define COUNTERS(X)                                                                                \
    X(syscall)    /* system calls of user mode */                                                  \
    X(iret)       /* iret hypercalls */                                                            \
    X(multicall)  /* multicall hypercalls; their entries count as hypercalls */                    \
    X(hypercall)  /* all others */                                                                 \
    X(page_fault) /* given to the guest */                                                         \
    X(pt_repair)  /* write faults on page tables: the mapping made writable */                     \
    X(trap)       /* other exceptions and emulated instructions */                                 \
    X(interrupt)  /* from L0: each is an exit */                                                   \
    X(event)      /* upcalls into the guest */                                                     \
    X(pt_write)   /* page-table entries written by hypercall */                                    \
    X(cr3_load)   /* a page table loaded */                                                        \
    X(tlb_flush)  /* everything flushed, on one CPU */                                             \
    X(invlpg)     /* one page flushed */                                                           \
    X(flush_ipi)  /* another CPU asked to flush */                                                 \
    X(lapic)      /* accesses of the local APIC: each is an exit */                                \
    X(halt)       /* HLT: each is an exit */                                                       \
    X(l0_call)    /* hypercalls to L0: each is an exit */                                          \
    X(cpuid)      /* CPUID by the shim, for the guest: each is an exit */                          \
    X(verw)       /* buffers cleared on the way to user mode */

#define COUNT_NAME(name) COUNT_##name,
enum { COUNTERS(COUNT_NAME) NR_COUNTERS };
#undef COUNT_NAME

#define COUNT_LEAF 0x400000c0

#ifdef COUNTING
extern unsigned long counters[NR_COUNTERS];
#define COUNT(name) ((void)__atomic_fetch_add(&counters[COUNT_##name], 1, __ATOMIC_RELAXED))
#else
#define COUNT(name) ((void)0)
#endif

#endif
