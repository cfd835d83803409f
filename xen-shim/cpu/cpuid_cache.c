// SPDX-License-Identifier: MIT
/* See cpuid_cache.h. */
#include "cpuid_cache.h"
#include "count.h"
#include "shim.h"

/* More than a CPU has that programs ask for; what comes when all are taken is asked each time. */
#define MAX_KEPT 80

/* By a hash; the next free one where another leaf is. It always has free ones. */
static struct kept {
    u32 leaf, subleaf;
    struct cpuid c;
    bool there; /* set when the rest is whole; cleared by cpuid_cache_drop only */
} kept[128];
static u32 nr_kept;
static lock_t filling;

_Static_assert(MAX_KEPT < ARRAY_SIZE(kept), "a search ends at a free one");

static struct kept *find(u32 leaf, u32 subleaf)
{
    for (u32 i = leaf + (leaf >> 25) + subleaf * 16;; i++) {
        struct kept *k = &kept[i % ARRAY_SIZE(kept)];
        if (!__atomic_load_n(&k->there, __ATOMIC_ACQUIRE) ||
            (k->leaf == leaf && k->subleaf == subleaf))
            return k;
    }
}

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
    memset(kept, 0, sizeof(kept));
}

struct cpuid cpuid_cached(u32 leaf, u32 subleaf)
{
    u32 sub = has_subleaves(leaf) ? subleaf : 0;
    struct kept *k = find(leaf, sub);

    if (likely(k->there))
        return k->c;

    struct cpuid c = cpuid(leaf, subleaf);
    COUNT(cpuid);
    if (is_constant(leaf, sub)) {
        lock(&filling);
        k = find(leaf, sub); /* another vCPU may have asked for it, or taken the place */
        if (!k->there && nr_kept < MAX_KEPT) {
            nr_kept++;
            k->leaf = leaf;
            k->subleaf = sub;
            k->c = c;
            __atomic_store_n(&k->there, true, __ATOMIC_RELEASE);
        }
        unlock(&filling);
    }
    return c;
}
