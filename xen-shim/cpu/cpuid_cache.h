/* SPDX-License-Identifier: MIT */
/*
 * What the CPU says by CPUID, asked once: each CPUID in a VM is an exit (SDM vol. 3, 26.1.2; APM
 * vol. 2, 15.9), and a program of glibc's executes some forty when it starts.
 */
#ifndef SHIM_CPUID_CACHE_H
#define SHIM_CPUID_CACHE_H

#include "regs.h"

/* As cpuid() on this vCPU.  Leaves that aren't the same on each vCPU or that change with CR4 or
 * XCR0 are asked anew; of leaf 1 and 7 the bits that do (APIC id, OSXSAVE, OSPKE) are some vCPU's.
 * For the guest's CPUID, from any vCPU. */
struct cpuid cpuid_cached(u32 leaf, u32 subleaf);
/* The host may be another one; with the other vCPUs frozen. */
void cpuid_cache_drop(void);

#endif
