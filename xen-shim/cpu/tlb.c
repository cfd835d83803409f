// SPDX-License-Identifier: MIT
/* See tlb.h. */
#include "tlb.h"

#include "count.h"
#include "l0.h"
#include "lapic.h"
#include "preempt.h"
#include "shim.h"
#include "kick.h"

#define SPINS_BEFORE_L0 300

void tlb_flush_local(u64 addr)
{
    if (addr == TLB_ALL) {
        COUNT(tlb_flush);
        write_cr3(read_cr3());
    } else {
        COUNT(invlpg);
        invlpg(addr);
    }
}

/* Has v done it, or is it halted so that it will before it runs the guest? */
static bool flushed(const struct vcpu *v)
{
    return !(ACCESS_ONCE(v->kick) & KICK_FLUSH) || ACCESS_ONCE(v->idle);
}

/*
 * Others flush everything: cheaper than passing addresses.  Two vCPUs that flush each other at the
 * same time both wait with interrupts off, so a waiting one does what it is asked to meanwhile.
 * One that L0 doesn't run now would make us wait for its turn: L0 can flush it without running it.
 */
void tlb_flush_mask(const u64 *mask, u64 addr)
{
    struct vcpu *self = current();
    u64 asked[MAX_VCPUS / 64] = {0};

    work_done(self, WORK_OTHERS);
    for (u32 i = 0; i < nr_vcpus; i++) {
        struct vcpu *v = vcpu_of(i);
        if (!(mask[i / 64] >> (i % 64) & 1))
            continue;
        if (v == self) {
            tlb_flush_local(addr);
        } else if (v->started) {
            u32 before = __atomic_fetch_or(&v->kick, KICK_FLUSH, __ATOMIC_SEQ_CST);
            if (v->idle)
                continue;
            asked[i / 64] |= 1UL << (i % 64);
            if (!(before & KICK_FLUSH)) {
                COUNT(flush_ipi);
                lapic_send(v->apic_id, ICR_ASSERT | VECTOR_IPI);
            }
        }
    }
    for (u32 i = 0; i < nr_vcpus; i++) {
        if (!(asked[i / 64] >> (i % 64) & 1))
            continue;
        for (u32 spins = 0; !flushed(vcpu_of(i)); spins++) {
            kick_answer(self);
            __builtin_ia32_pause();
            /* One flush by L0 does for all whom we still wait for. */
            if (spins == SPINS_BEFORE_L0) {
                if (!l0_call2(__HYPERVISOR_hvm_op, HVMOP_flush_tlbs, 0))
                    return;
                l0_call2(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
                spins = 0;
            }
        }
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
