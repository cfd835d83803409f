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

static bool in_mask(const u64 *mask, u32 i)
{
    return mask[i / 64] >> (i % 64) & 1;
}

/* False: it sleeps, and reads what it was told before anything else. */
static bool tell(struct vcpu *v)
{
    u32 before = __atomic_fetch_or(&v->kick, KICK_FLUSH, __ATOMIC_SEQ_CST);

    if (v->idle)
        return false;
    if (!(before & KICK_FLUSH)) {
        COUNT(flush_ipi);
        lapic_send(v->apic_id, ICR_ASSERT | VECTOR_IPI);
    }
    return true;
}

struct others {
    u64 told[MAX_VCPUS / 64];
    u32 n, busy; /* how many are told, and how many don't sleep */
    bool interrupt;
};

/*
 * Who of the mask doesn't sleep and so is to be told; those that do are told here.  One in user
 * mode may have to leave the table that it runs on: the interrupt's handler sees to that (smp_ipi),
 * a flush alone won't do.  That it is in user mode can't be seen for sure.
 */
static void find_others(const u64 *mask, struct others *o)
{
    for (u32 i = 0; i < nr_vcpus; i++) {
        struct vcpu *v = vcpu_of(i);
        if (v == current() || !v->started)
            continue;
        if (in_mask(mask, i)) {
            if (v->idle && !tell(v))
                continue;
            o->told[i / 64] |= 1UL << (i % 64);
            o->n++;
            o->interrupt |= v->user_table_dirty;
        }
        o->busy += !v->idle;
    }
}

/* L0 flushes all vCPUs of the domain, those that it doesn't run without running them. */
static bool flushed_by_l0(void)
{
    return !l0_call2(__HYPERVISOR_hvm_op, HVMOP_flush_tlbs, 0);
}

/*
 * Others flush everything: cheaper than passing addresses.  L0's one call costs as much as two IPIs
 * do, stops all of the domain's vCPUs for a moment, and needs no wait for one whose turn isn't now.
 * So it is asked first where most of those that run are to flush, and else when an answer is late.
 * Two vCPUs that flush each other at the same time both wait with interrupts off, so a waiting one
 * does what it is asked to meanwhile.
 */
void tlb_flush_mask(const u64 *mask, u64 addr)
{
    struct vcpu *self = current();
    struct others o = {0};

    work_done(self, WORK_OTHERS);
    if (in_mask(mask, self->id))
        tlb_flush_local(addr);
    find_others(mask, &o);
    if (!o.n || (o.n * 2 >= o.busy && !o.interrupt && flushed_by_l0()))
        return;
    for (u32 i = 0; i < nr_vcpus; i++)
        if (in_mask(o.told, i))
            tell(vcpu_of(i));
    for (u32 i = 0; i < nr_vcpus; i++) {
        if (!in_mask(o.told, i))
            continue;
        for (u32 spins = 0; !flushed(vcpu_of(i)); spins++) {
            kick_answer(self);
            __builtin_ia32_pause();
            /* One flush by L0 does for all whom we still wait for. */
            if (spins == SPINS_BEFORE_L0) {
                if (flushed_by_l0())
                    return;
                l0_yield();
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
