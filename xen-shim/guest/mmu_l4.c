// SPDX-License-Identifier: MIT
/* Level-4 tables: the hypervisor's slots in them, and loading the kernel's.  See mmu.h. */
#include "mmu.h"

#include "count.h"
#include "frames.h"
#include "map.h"
#include "shim.h"

void mmu_prepare_l4(u64 mfn)
{
    u64 *l4 = mfn_va(mfn);

    for (unsigned int i = HOLE_SLOT; i < HOLE_SLOT + HOLE_SLOTS; i++)
        l4[i] = boot_l4[i];
}

void mmu_load(struct vcpu *v)
{
    const u64 *l4 = va(v->cr3);
    const u64 image = IMAGE_VIRT >> 39 & 511, direct = DIRECT_MAP >> 39 & 511;

    /* A kernel that never pins, or wrote its own idea of the hole into the table. */
    if (unlikely(l4[image] != boot_l4[image] || l4[direct] != boot_l4[direct]))
        mmu_prepare_l4(v->cr3 >> PAGE_SHIFT);
    COUNT(cr3_load);
    lobby(v)->kernel_cr3 = v->cr3;
    write_cr3(v->cr3);
}

bool mmu_is_root(mfn_t mfn)
{
    if (frame_get(mfn) & (FRAME_L4 | FRAME_ROOT32))
        return true;
    for (u32 i = 0; i < nr_vcpus; i++)
        if (vcpu_of(i)->cr3 >> PAGE_SHIFT == mfn || vcpu_of(i)->user_cr3 >> PAGE_SHIFT == mfn)
            return true;
    return false;
}
