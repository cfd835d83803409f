// SPDX-License-Identifier: MIT
/* See share.h. */
#include "share.h"

#include "shim.h"

#define MIB       (1UL << 20)
#define MIB_PAGES (MIB / PAGE_SIZE)
/* What the builder adds where memory is below maxmem: POD_OTHER there. */
#define POD_OTHER 5

u64 share_domain_mib(const struct boot_info *info)
{
    u64 low = 0, high = 0;

    for (unsigned int i = 0; i < info->nr_ram; i++) {
        if (info->ram[i].start >> 32)
            high += info->ram[i].end - info->ram[i].start;
        else
            low = info->ram[i].end;
    }
    return (round_up(low, MIB) + round_up(high, MIB)) / MIB;
}

/* The largest guest for which the builder asks for so much. */
static u64 guest_mib(u64 total)
{
    u64 mib = total * 399 / 400;

    return mib > 2 ? mib - 2 : 0;
}

struct share share_of_guest(u64 total, u64 now)
{
    struct share s = {0, 0};

    if (!now) {
        s.pages = guest_mib(total) * MIB_PAGES;
    } else if (total > POD_OTHER) {
        u64 max = guest_mib(total - POD_OTHER), less = total - min_t(u64, now, total);
        if (max > less)
            s = (struct share){(max - less) * MIB_PAGES, max * MIB_PAGES};
    }
    return s;
}
