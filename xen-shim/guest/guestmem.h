/* SPDX-License-Identifier: MIT */
/*
 * Memory of the guest's that the shim touches because an instruction of the guest's would have: the
 * bytes of the instruction, the operands of INS, OUTS and far transfers.  With the rights, and on
 * the table, of the mode that the guest is in, and never by its address in ring 0.
 * Pointers in hypercalls are another matter: usercopy.h.
 */
#ifndef SHIM_GUESTMEM_H
#define SHIM_GUESTMEM_H

#include "guest.h"
#include "isolate32.h"
#include "vcpu.h"
#include "walk.h"

struct guestmem {
    u64 root, last; /* the L4; the highest linear address: behind it comes 0 */
    u32 rights;     /* PF_U or 0 */
};

/* What user mode runs on. */
static inline u64 guestmem_users_table(const struct vcpu *v)
{
    /* (with isolation it's a copy that the CPU has, in a frame that is no table of the guest's) */
    if (unlikely(guest.pv32))
        return isolate ? isolate32_root(v) : v->cr3;
    return isolate || v->separate_user ? v->user_cr3 : v->cr3;
}

/* Of the mode that v is in; with linear addresses of 32 bits from code that isn't 64-bit code. */
struct guestmem guestmem_of(const struct vcpu *v, bool code64);
/* Of the guest's kernel, whichever mode it is in. */
struct guestmem guestmem_kernel(const struct vcpu *v);

/*
 * n bytes at linear address addr, of at most two pages.  Less than n: the number of bytes that were
 * copied, up to the page that can't be accessed, and *f is why: #PF with the first address there,
 * or #GP(0) where it isn't canonical or the hypervisor's, as on Xen.
 */
unsigned int guestmem_read(const struct guestmem *m, void *dst, u64 addr, unsigned int n,
                           struct fault *f);
unsigned int guestmem_write(const struct guestmem *m, u64 addr, const void *src, unsigned int n,
                            struct fault *f);
/* As read, of code. */
unsigned int guestmem_fetch(const struct guestmem *m, void *dst, u64 addr, unsigned int n,
                            struct fault *f);

#endif
