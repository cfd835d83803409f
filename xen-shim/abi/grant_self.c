// SPDX-License-Identifier: MIT
/* See grant_self.h; what the bits of an entry mean: <xen/grant_table.h>. */
#include "grant_self.h"

#include "frames.h"
#include "grant.h"
#include "grant_window.h"
#include "shim.h"
#include "xen_abi.h"

static struct {
    u32 mapping; /* MAPPING_*, with the reference as handle; 0 = free */
    u32 mfn;     /* of RAM */
} self[GRANT_SELF_MAPPINGS];

/* Flags and domain of an entry, in one word in both versions; where the marks of use are. */
static u32 *entry_header(u32 ref, u16 **marks, mfn_t *mfn)
{
    bool v2 = grant_version() == 2;
    u32 per_page = PAGE_SIZE / (v2 ? sizeof(union grant_entry_v2) : sizeof(struct grant_entry_v1));
    u8 *page = grant_frame(ref / per_page, false);

    if (!page)
        return NULL;
    if (v2) {
        union grant_entry_v2 *e = (union grant_entry_v2 *)page + ref % per_page;
        const u32 status_per_page = PAGE_SIZE / sizeof(grant_status_t);
        u16 *status = grant_frame(ref / status_per_page, true);
        if (!status)
            return NULL;
        *marks = status + ref % status_per_page;
        *mfn = ACCESS_ONCE(e->full_page.frame);
        return (u32 *)&e->hdr;
    }
    struct grant_entry_v1 *e = (struct grant_entry_v1 *)page + ref % per_page;
    *marks = &e->flags;
    *mfn = ACCESS_ONCE(e->frame);
    return (u32 *)e;
}

static bool granted(u32 header, bool readonly)
{
    u16 flags = (u16)header;

    return (flags & GTF_type_mask) == GTF_permit_access && header >> 16 == grant_own_domid() &&
           !(flags & GTF_sub_page) && (readonly || !(flags & GTF_readonly));
}

/* Marks it while it is still granted: the granter takes it back by a compare-and-exchange, too. */
static bool mark(u32 *header, u16 *marks, bool readonly)
{
    u16 bits = readonly ? GTF_reading : GTF_reading | GTF_writing;
    u32 old = ACCESS_ONCE(*header);

    if (marks != (u16 *)header) {
        __atomic_fetch_or(marks, bits, __ATOMIC_SEQ_CST);
        return granted(ACCESS_ONCE(*header), readonly);
    }
    do
        if (!granted(old, readonly))
            return false;
    while (!__atomic_compare_exchange_n(header, &old, old | bits, false, __ATOMIC_SEQ_CST,
                                        __ATOMIC_SEQ_CST));
    return true;
}

/* Takes away the marks that no mapping needs any more. */
static void unmark(u32 ref)
{
    u16 bits = GTF_reading | GTF_writing, *marks;
    mfn_t mfn;

    for (u32 i = 0; i < GRANT_SELF_MAPPINGS; i++)
        if (self[i].mapping && (self[i].mapping & MAPPING_HANDLE) == ref)
            bits = self[i].mapping & MAPPING_READONLY ? bits & (u16)~GTF_reading : 0;
    if (bits && entry_header(ref, &marks, &mfn))
        __atomic_fetch_and(marks, (u16)~bits, __ATOMIC_SEQ_CST);
}

s16 grant_self_map(u32 ref, bool readonly, u32 *n, mfn_t *mfn)
{
    u16 *marks;
    u32 i = 0, *header = ref <= MAPPING_HANDLE ? entry_header(ref, &marks, mfn) : NULL;

    if (!header)
        return GNTST_bad_gntref;
    while (i < GRANT_SELF_MAPPINGS && self[i].mapping)
        i++;
    if (i == GRANT_SELF_MAPPINGS)
        return GNTST_no_space;
    if (!granted(ACCESS_ONCE(*header), readonly))
        return GNTST_general_error;
    if (!frame_ok(*mfn))
        return GNTST_bad_page;
    self[i].mapping = MAPPING_USED | (readonly ? MAPPING_READONLY : 0) | ref;
    self[i].mfn = (u32)*mfn;
    *n = i;
    if (mark(header, marks, readonly))
        return GNTST_okay;
    grant_self_set(i, 0);
    return GNTST_general_error;
}

u32 grant_self_get(u32 n, mfn_t *mfn)
{
    if (n >= GRANT_SELF_MAPPINGS)
        return 0;
    *mfn = self[n].mfn;
    return self[n].mapping;
}

void grant_self_set(u32 n, u32 mapping)
{
    u32 ref = self[n].mapping & MAPPING_HANDLE;

    self[n].mapping = mapping;
    if (!mapping)
        unmark(ref);
}

bool grant_self_none(void)
{
    for (u32 i = 0; i < GRANT_SELF_MAPPINGS; i++)
        if (self[i].mapping)
            return false;
    return true;
}

void grant_self_reset(void)
{
    memset(self, 0, sizeof(self));
}
