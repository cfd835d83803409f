// SPDX-License-Identifier: MIT
/* See smp.h. */
#include "smp.h"

#include "l0.h"
#include "lapic.h"
#include "shim.h"
#include "tlb.h"

u32 nr_vcpus = 1;
volatile u32 pollers;

void smp_count(u32 limit)
{
    struct vcpu_runstate_info rs;
    u32 n = 1, max = l0_shared ? XEN_LEGACY_MAX_VCPUS : 1;

    if (limit && limit < max)
        max = limit;
    while (n < max && !l0_vcpu_op(VCPUOP_get_runstate_info, n, &rs))
        n++;
    nr_vcpus = n;
}

void smp_kick(struct vcpu *v)
{
    if (v != current() && v->up)
        lapic_send(v->apic_id, ICR_ASSERT | VECTOR_IPI);
}

void smp_kick_pollers(void)
{
    if (likely(!pollers))
        return;
    for (u32 i = 0; i < nr_vcpus; i++)
        if (vcpu_of(i)->polling)
            smp_kick(vcpu_of(i));
}

void smp_do_kicks(struct vcpu *v)
{
    if (__atomic_fetch_and(&v->kick, ~KICK_FLUSH, __ATOMIC_SEQ_CST) & KICK_FLUSH)
        write_cr3(read_cr3());
}

void smp_ipi(struct vcpu *v)
{
    lapic_eoi();
    smp_do_kicks(v);
}

void cpu_idle(void)
{
    __asm__ volatile("sti; hlt; cli" ::: "memory");
}
