// SPDX-License-Identifier: MIT
/* See isolate.h. */
#include "isolate.h"

#include "ram.h"
#include "shim.h"

#define ARCH_CAPABILITIES_LEAF7_EDX 29
#define MSR_ARCH_CAPABILITIES       0x10a
#define RDCL_NO                     1UL

#define SLOT(addr) ((addr) >> 39 & 511)
#define GIB(addr)  ((addr) >> 30 & 511)
_Static_assert(SLOT(IMAGE_VIRT) == SLOT(VCPU_AREAS) && GIB(IMAGE_VIRT) != GIB(VCPU_AREAS),
               "the image's level-2 table is shared, those of the areas are not");

bool isolate;
static u64 image_l3[512]; /* only its entry of the image is used */
/* Of each vCPU, the table that its user mode runs on: a copy of the guest's, and below the one slot
 * of ours what this vCPU's ways in and out need. */
static struct {
    u64 *l4, *l3;
} tables[MAX_VCPUS];

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
    if (*word && !string_is(word, "yes") && !string_is(word, "no"))
        refuse("isolate=%s: yes or no", word);
    if (!(*word ? string_is(word, "yes") : cpu_has_meltdown()))
        return;
    isolate = true;
}

static u64 entry_of(const void *table)
{
    return ((u64)table - DIRECT_MAP) | PTE_P | PTE_W | PTE_A;
}

void isolate_map_page(u64 addr, mfn_t mfn, u64 flags)
{
    u64 *l3 = image_l3;

    if (addr >= VCPU_AREAS) {
        u64 id = (addr - VCPU_AREAS) / VCPU_AREA_SIZE;

        if (!tables[id].l4) {
            tables[id].l4 = mfn_va(ram_page());
            tables[id].l3 = mfn_va(ram_page());
            tables[id].l4[SLOT(IMAGE_VIRT)] = entry_of(tables[id].l3);
            tables[id].l3[GIB(IMAGE_VIRT)] = image_l3[GIB(IMAGE_VIRT)];
        }
        l3 = tables[id].l3;
    }
    map_page_in(l3, addr, mfn, flags);
}

/* Entries of level 4 have U on Xen, whatever the guest wrote. */
static void copy_slots(u64 *to, const u64 *from, unsigned int first, unsigned int end)
{
    for (unsigned int i = first; i < end; i++) {
        u64 e = ACCESS_ONCE(from[i]);
        to[i] = e | (e & PTE_P) * PTE_U;
    }
}

void isolate_choose_table(struct vcpu *v)
{
    u64 *l4 = tables[v->id].l4;

    if (!v->user_cr3 || v->user_cr3 == v->cr3) {
        lobby(v)->user_cr3 = 0;
        return;
    }
    copy_slots(l4, va(v->user_cr3), 0, HOLE_SLOT);
    copy_slots(l4, va(v->user_cr3), HOLE_SLOT + HOLE_SLOTS, 512);
    lobby(v)->user_cr3 = (u64)l4 - DIRECT_MAP;
}

void isolate_set_table(struct vcpu *v, u64 slot0)
{
    tables[v->id].l4[0] = slot0;
    lobby(v)->user_cr3 = (u64)tables[v->id].l4 - DIRECT_MAP;
}

const u64 *isolate_table(const struct vcpu *v)
{
    return lobby(v)->user_cr3 ? tables[v->id].l4 : NULL;
}
