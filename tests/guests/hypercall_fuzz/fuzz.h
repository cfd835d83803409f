/* SPDX-License-Identifier: MIT */
/* Random hypercalls from a seed, chosen so that a right hypervisor leaves the guest alive. */
#ifndef HYPERCALL_FUZZ_H
#define HYPERCALL_FUZZ_H

#include "guest.h"

struct rng {
    u64 state;
    u8 (*area)[PAGE_SIZE]; /* where structures are built: two pages, and a hole behind */
};
u64 rnd(struct rng *r);
u32 below(struct rng *r, u32 n);

struct call {
    u64 nr, args[5];
};

/* Pages that calls may name by frame or by address; nothing of them is needed. */
#define VICTIMS 8
/* Words in the two pages. */
#define ARG_WORDS 1024

void calls_init(void);
/* The call of this number; fills the structures it points to, which are the vCPU's (0 or 1). */
struct call call_make(u64 seed, u64 number, u32 vcpu);

#endif
