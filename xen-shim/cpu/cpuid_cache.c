// SPDX-License-Identifier: MIT
/* See cpuid_cache.h. */
#include "cpuid_cache.h"
#include "count.h"
#include "shim.h"

/* More than a CPU has that programs ask for; what comes when all are taken is asked each time. */
#define MAX_KEPT 80

static struct kept {
    u32 leaf, subleaf;
    struct cpuid c;
} kept[MAX_KEPT];
static u32
    nr_kept; /* only grows, but for cpuid_cache_drop; an entry is whole before it's counted */
static lock_t filling;

/* ECX is garbage for a leaf without subleaves. */
static bool has_subleaves(u32 leaf)
{
    switch (leaf) {
    case 4:
    case 7:
    case 0xd:
    case 0x8000001d:
        return true;
    default:
        return leaf > 0xd && leaf < 0x40000000;
    }
}

static bool is_constant(u32 leaf, u32 subleaf)
{
    if (leaf == 0xd)
        return subleaf > 1; /* 0 and 1: sizes by XCR0 */
    return leaf != 0xb && leaf != 0x1f && leaf != 0x8000001e && (leaf & 0xf0000000) != 0x40000000;
}

void cpuid_cache_drop(void)
{
    nr_kept = 0;
}

struct cpuid cpuid_cached(u32 leaf, u32 subleaf)
{
    u32 sub = has_subleaves(leaf) ? subleaf : 0;
    u32 n = __atomic_load_n(&nr_kept, __ATOMIC_ACQUIRE);

    for (u32 i = 0; i < n; i++)
        if (kept[i].leaf == leaf && kept[i].subleaf == sub)
            return kept[i].c;

    struct cpuid c = cpuid(leaf, subleaf);
    COUNT(cpuid);
    if (is_constant(leaf, sub)) {
        lock(&filling);
        n = nr_kept;
        if (n < MAX_KEPT) {
            kept[n] = (struct kept){leaf, sub, c}; /* twice if two vCPUs ask at once: no harm */
            __atomic_store_n(&nr_kept, n + 1, __ATOMIC_RELEASE);
        }
        unlock(&filling);
    }
    return c;
}
