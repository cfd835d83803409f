// SPDX-License-Identifier: MIT
/* See tree.h. */
#include "tree.h"

#include "layout.h"
#include "map.h"

static bool leads(u64 e)
{
    return (e & (PTE_P | PTE_PS)) == PTE_P;
}

/* The entry of an L2 that leads to what is wanted. */
static const u64 *in_l2(const u64 *l2, mfn_t wanted)
{
    for (u32 i = 0; i < 512; i++) {
        const u64 e = ACCESS_ONCE(l2[i]);
        if (leads(e) && PTE_MFN(e) == wanted)
            return &l2[i];
    }
    return NULL;
}

static u8 in_l3(struct tree_search *s, const u64 *l3, const u64 *known, u32 end, u32 *tables,
                const u64 *(*table)(mfn_t mfn, u8 level))
{
    for (u32 i = s->at >> 9 & 511; i < end; i++, s->at = (s->at | 511) + 1) {
        const u64 e = ACCESS_ONCE(l3[i]), *l2;

        if (!leads(e) || (known && PTE_MFN(e) == PTE_MFN(known[i])))
            continue;
        s->path[1] = &l3[i];
        if (PTE_MFN(e) == s->wanted)
            return 2;
        if (!*tables)
            return TREE_AGAIN;
        --*tables;
        l2 = table(PTE_MFN(e), 2);
        if (l2 && (s->path[2] = in_l2(l2, s->wanted)))
            return 1;
    }
    return 0;
}

u8 tree_search(struct tree_search *s, const u64 *l4, const u64 *known, u32 *tables,
               const u64 *(*table)(mfn_t mfn, u8 level))
{
    while (s->at < TREE_END) {
        u32 i = (u32)(s->at >> 18);
        const u64 e = ACCESS_ONCE(l4[i]), *l3;
        u8 level;

        if (leads(e) && i - HOLE_SLOT >= HOLE_SLOTS &&
            !(known && !((e ^ known[i]) & ~(PTE_A | PTE_D)))) {
            s->path[0] = &l4[i];
            if (PTE_MFN(e) == s->wanted)
                return 3;
            if (!*tables)
                return TREE_AGAIN;
            --*tables;
            l3 = table(PTE_MFN(e), 3);
            level = l3 ? in_l3(s, l3, NULL, 512, tables, table) : 0;
            if (level)
                return level;
        }
        s->at = (u64)(i + 1) << 18;
    }
    return 0;
}

u8 tree_search_l3(struct tree_search *s, const u64 *l3, const u64 *known, u32 *tables,
                  const u64 *(*table)(mfn_t mfn, u8 level))
{
    s->path[0] = NULL;
    return in_l3(s, l3, known, 4, tables, table);
}
