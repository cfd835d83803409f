/* SPDX-License-Identifier: MIT */
/*
 * What the translations of 32-bit guests' hypercalls run on in a unit test: vCPUs, a translation
 * area, and guest memory at an address that only zero extension finds, with a read-only page and an
 * end.  Faults there are repaired as in the shim.  Included by the compiler in front of everything,
 * so that current() is here, too.
 */
#ifndef COMPAT_FIXTURE_H
#define COMPAT_FIXTURE_H

#define XLAT_VIRT UL(0x70000000)
#include "vcpu.h"

#define VCPUS 4
extern u8 vcpu_areas[VCPUS][VCPU_AREA_SIZE];
#define vcpu_of(id) ((struct vcpu *)(vcpu_areas[id] + VCPU_STRUCT_OFF))
#define current()   vcpu_of(0)

#define GUEST        0xc0000000UL
#define GUEST_PAGES  4
#define GUEST_RO     (GUEST + GUEST_PAGES * PAGE_SIZE) /* one page */
#define GUEST_RO_END (GUEST_RO + PAGE_SIZE)            /* and then nothing */

/* The guest's memory from GUEST on, read-only page and all, to write and look at. */
extern u8 *guest_memory;
static inline void *guest_at(u64 addr)
{
    return guest_memory + (addr - GUEST);
}

/* Before each case. */
int fixture(void **state);

#endif
