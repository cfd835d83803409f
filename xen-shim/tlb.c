// SPDX-License-Identifier: MIT
/* See tlb.h. */
#include "tlb.h"

#include "lapic.h"
#include "shim.h"
#include "smp.h"

void tlb_flush_local(u64 addr)
{
    if (addr == TLB_ALL)
        write_cr3(read_cr3());
    else
        invlpg(addr);
}

/*
 * Others flush everything: cheaper than passing addresses.  Two vCPUs that flush each other at the
 * same time both wait with interrupts off, so a waiting one does what it is asked to meanwhile.
 */
void tlb_flush_mask(const u64 *mask, u64 addr)
{
    struct vcpu *self = current();
    u64 asked[MAX_VCPUS / 64] = {0};

    for (u32 i = 0; i < nr_vcpus; i++) {
        struct vcpu *v = vcpu_of(i);
        if (!(mask[i / 64] >> (i % 64) & 1))
            continue;
        if (v == self) {
            tlb_flush_local(addr);
        } else if (v->up && v->started) {
            asked[i / 64] |= 1UL << (i % 64);
            if (!(__atomic_fetch_or(&v->kick, KICK_FLUSH, __ATOMIC_SEQ_CST) & KICK_FLUSH))
                lapic_send(v->apic_id, ICR_ASSERT | VECTOR_IPI);
        }
    }
    for (u32 i = 0; i < nr_vcpus; i++)
        while (asked[i / 64] >> (i % 64) & 1 && ACCESS_ONCE(vcpu_of(i)->kick) & KICK_FLUSH &&
               ACCESS_ONCE(vcpu_of(i)->up)) {
            smp_do_kicks(self);
            __builtin_ia32_pause();
        }
}

void tlb_flush_all(u64 addr)
{
    static const u64 all[MAX_VCPUS / 64] = {~0UL, ~0UL};

    if (nr_vcpus == 1)
        tlb_flush_local(addr);
    else
        tlb_flush_mask(all, addr);
}
