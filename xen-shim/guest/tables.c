// SPDX-License-Identifier: MIT
/* See tables.h. */
#include "tables.h"

#include "frames.h"
#include "guest.h"
#include "map.h"
#include "mmu.h"
#include "ram.h"
#include "shim.h"

/* There are as many tables as frames / 512, and a few for each process. */
#define FRAMES_PER_SLOT 128
#define SLOTS_MIN       512

#define TABLES_AT_ONCE 256 /* of a search: some 100 us */

const u64 **tables_seen;
u64 tables_mask;

void tables_init(void)
{
    u64 slots = SLOTS_MIN;

    while (slots < ram.frames / FRAMES_PER_SLOT)
        slots *= 2;
    tables_seen = frames_alloc(slots * sizeof(*tables_seen));
    tables_mask = slots - 1;
}

static bool is_base(const struct vcpu *v, mfn_t mfn)
{
    return mfn == v->cr3 >> PAGE_SHIFT || mfn == v->user_cr3 >> PAGE_SHIFT;
}

u8 table_level(const struct vcpu *v, mfn_t mfn)
{
    for (u8 below = 0; below < 4; below++) {
        u8 level = frame_get(mfn) & FRAME_PINNED;

        if (!level && mfn && is_base(v, mfn))
            level = 4;
        if (level)
            return level > below ? level - below : 0;

        const u64 *at = ACCESS_ONCE(tables_seen[mfn & tables_mask]);
        mfn_t above = ((u64)at - DIRECT_MAP) >> PAGE_SHIFT;
        if (!at || !(frame_ok(above) || frame_is_own_table(above)))
            return 0;
        u64 e = ACCESS_ONCE(*at);
        if ((e & (PTE_P | PTE_PS)) != PTE_P || PTE_MFN(e) != mfn)
            return 0;
        mfn = above;
    }
    return 0;
}

/* What is pinned at another level isn't in this place of the tree: the table is mapped there for
 * reading, as kernels do by an L4 entry that leads to the L4. */
static const u64 *table_of_level(mfn_t mfn, u8 level)
{
    u8 pinned = frame_get(mfn) & FRAME_PINNED;

    if (!(frame_ok(mfn) || frame_is_own_table(mfn)) || (pinned && pinned != level) ||
        is_base(current(), mfn))
        return NULL;
    return mfn_va(mfn);
}

/* The trees to look through: this vCPU's two, then the pinned ones in the order of their frames. */
enum stage { KERNEL, USER, PINNED, DONE };

static void next_tree(struct vcpu *v)
{
    struct tables_search *s = &v->tables;

    s->tree.at = 0;
    if (s->stage == KERNEL) {
        s->stage = USER;
        s->l4 = v->user_cr3 >> PAGE_SHIFT;
    } else {
        s->l4 = frame_set_next(&pinned_l4s, s->stage == USER ? 0 : s->l4 + 1);
        s->stage = s->l4 < m2p_end ? PINNED : DONE;
    }
}

static void remember(const struct tree_search *t, u8 level)
{
    for (int i = 0; i < 4 - level; i++)
        if (t->path[i])
            table_seen(PTE_MFN(*t->path[i]), t->path[i]);
}

u8 table_search(struct vcpu *v, mfn_t mfn)
{
    struct tables_search *s = &v->tables;
    u8 level = table_level(v, mfn);
    u32 tables = TABLES_AT_ONCE;

    if (level)
        return level;
    u64 cr3 = guest.pv32 ? v->user_cr3 : v->cr3;
    if (s->tree.wanted != mfn || s->cr3 != cr3) {
        *s = (struct tables_search){.tree.wanted = mfn, .cr3 = cr3, .stage = KERNEL};
        s->l4 = v->cr3 >> PAGE_SHIFT;
    }
    while (s->stage != DONE) {
        bool searched = s->stage == PINNED
                            ? is_base(v, s->l4) || !(frame_get(s->l4) & pinned_l4s.flag)
                            : !s->l4 || (s->stage == USER && guest.pv32);
        if (!searched) {
            if (!tables)
                return TREE_AGAIN;
            tables--;
            level =
                s->stage == PINNED && guest.pv32
                    ? tree_search_l3(&s->tree, mfn_va(s->l4), va(v->user_cr3), &tables,
                                     table_of_level)
                    : tree_search(&s->tree, mfn_va(s->l4), s->stage == KERNEL ? NULL : va(v->cr3),
                                  &tables, table_of_level);
            if (level == TREE_AGAIN)
                return TREE_AGAIN;
            if (level) {
                remember(&s->tree, level);
                break;
            }
        }
        next_tree(v);
    }
    s->tree.wanted = 0; /* the next one begins anew */
    return level;
}
