// SPDX-License-Identifier: MIT
/* See isolate.h. */
#include "isolate.h"

#include "cmdline.h"
#include "ram.h"
#include "shim.h"

#define ARCH_CAPABILITIES_LEAF7_EDX 29
#define MSR_ARCH_CAPABILITIES       0x10a
#define RDCL_NO                     1UL

#define IMAGE_SLOT (IMAGE_VIRT >> 39 & 511)

bool isolate;
u64 *isolate_l3;

/* Intel's, unless the CPU says RDCL_NO (SDM vol. 4, table 2-2); AMD's and its kin never had it.
 * What isn't known is taken to have it.  Old L0s hide the bit, so new CPUs on old hosts pay for
 * nothing: isolate=no. */
static bool cpu_has_meltdown(void)
{
    struct cpuid id = cpuid(0, 0);

    if (id.b == 0x68747541 /* Auth.enticAMD */ || id.b == 0x6f677948 /* Hygo.nGenuine */)
        return false;
    return id.a < 7 || !(cpuid(7, 0).d >> ARCH_CAPABILITIES_LEAF7_EDX & 1) ||
           !(rdmsr(MSR_ARCH_CAPABILITIES) & RDCL_NO);
}

void isolate_init(const char *word)
{
    if (*word && !cmdline_name_is(word, "yes") && !cmdline_name_is(word, "no"))
        refuse("isolate=%s: yes or no", word);
    if (!(*word ? cmdline_name_is(word, "yes") : cpu_has_meltdown()))
        return;
    isolate_l3 = mfn_va(ram_page());
    isolate = true;
}

void isolate_choose_table(struct vcpu *v)
{
    bool own = v->user_cr3 && v->user_cr3 != v->cr3;

    if (own) {
        u64 *l4 = va(v->user_cr3);
        for (unsigned int i = HOLE_SLOT; i < HOLE_SLOT + HOLE_SLOTS; i++)
            l4[i] = i == IMAGE_SLOT ? ((u64)isolate_l3 - DIRECT_MAP) | PTE_P | PTE_W | PTE_A : 0;
    }
    lobby(v)->user_cr3 = own ? v->user_cr3 : 0;
}
