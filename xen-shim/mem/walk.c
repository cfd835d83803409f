// SPDX-License-Identifier: MIT
/* See walk.h. */
#include "walk.h"

#include "map.h"
#include "regs.h"

#define TRIES 100 /* when another CPU changes the entries meanwhile */

struct path {
    u64 *entry[4], seen[4]; /* levels 4 to 1 */
    int last;               /* where it ends: 3, or above at a large page */
};

static bool page_fault(struct fault *f, u64 addr, u32 error_code)
{
    *f = (struct fault){X86_PF, error_code, addr};
    return false;
}

/* Bits of a large page's address that must be 0: 13-20, 13-29. */
static u64 large_reserved(int level)
{
    return level == 1 ? 0x3fffe000 : 0x1fe000;
}

/* Down to the page, without regard to rights.  Else *error has PF_P and PF_RSVD as they belong. */
static bool descend(struct path *p, u64 root, u64 addr, u32 *error)
{
    mfn_t mfn = root >> PAGE_SHIFT;

    for (int i = 0; i < 4; i++) {
        u64 *table = walk_table(mfn), e;

        *error = PF_P | PF_RSVD;
        if (!table)
            return false;
        p->entry[i] = &table[addr >> (39 - 9 * i) & 511];
        e = p->seen[i] = ACCESS_ONCE(*p->entry[i]);
        if (!(e & PTE_P)) {
            *error = 0;
            return false;
        }
        if ((e & PTE_NX && !pte_nx) || (i == 0 && e & PTE_PS))
            return false;
        mfn = PTE_MFN(e);
        p->last = i;
        if (i == 1 || i == 2)
            if (e & PTE_PS)
                return !(e & large_reserved(i));
    }
    return true;
}

static bool allowed(const struct path *p, u32 access)
{
    u64 all = ~0UL, any = 0;

    for (int i = 0; i <= p->last; i++) {
        all &= p->seen[i];
        any |= p->seen[i];
    }
    if ((access & PF_U && !(all & PTE_U)) || (access & PF_W && !(all & PTE_W)))
        return false;
    return !(access & PF_I && any & PTE_NX);
}

/* False: an entry isn't any more what it was, look again. */
static bool mark(const struct path *p, u32 access)
{
    for (int i = 0; i <= p->last; i++) {
        u64 bits = PTE_A | (i == p->last && access & PF_W ? PTE_D : 0), seen = p->seen[i];

        if ((seen & bits) != bits &&
            !__atomic_compare_exchange_n(p->entry[i], &seen, seen | bits, false, __ATOMIC_SEQ_CST,
                                         __ATOMIC_SEQ_CST))
            return false;
    }
    return true;
}

bool walk(u64 root, u64 addr, u32 access, u64 *pa, struct fault *f)
{
    /* the I bit is part of no-execute */
    u32 shown = access & (PF_W | PF_U | (pte_nx ? PF_I : 0)), error;
    struct path p;

    for (int tries = 0; tries < TRIES; tries++) {
        if (!descend(&p, root, addr, &error))
            return page_fault(f, addr, shown | error);

        u64 offset = addr & ((1UL << (39 - 9 * p.last)) - 1);
        u64 at =
            ((PTE_MFN(p.seen[p.last]) << PAGE_SHIFT) & ~((1UL << (39 - 9 * p.last)) - 1)) | offset;
        if (!allowed(&p, access))
            return page_fault(f, addr, shown | PF_P);
        if (!walk_data(at >> PAGE_SHIFT))
            return page_fault(f, addr, shown | PF_P | PF_RSVD);
        if (!mark(&p, access))
            continue;
        *pa = at;
        return true;
    }
    return page_fault(f, addr, shown); /* it will be tried again, as after any spurious one */
}
