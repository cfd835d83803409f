// SPDX-License-Identifier: MIT
/* See firmware.h.  The table is the same from Xen 3.4 on, but for what stands behind our fields. */
#include "firmware.h"
#include "shim.h"

#include <xen/xen.h>

#include <xen/arch-x86/hvm/start_info.h>
#include <xen/hvm/hvm_info_table.h>

/* Not populated; to a PC it is the video memory. */
#define VIDEO     0xa0000u
#define VIDEO_END 0xc0000u
#define ABOVE     (1ul << 32)

static bool good(const struct hvm_info_table *t)
{
    static const char signature[] = {'H', 'V', 'M', ' ', 'I', 'N', 'F', 'O'};
    u8 sum = 0;

    if (memcmp(t->signature, signature, sizeof(signature)) ||
        t->length < offsetof(struct hvm_info_table, vcpu_online) || t->length > PAGE_SIZE)
        return false;
    for (u32 i = 0; i < t->length; i++)
        sum = (u8)(sum + ((const u8 *)t)[i]);
    return !sum;
}

static void add(struct e820_entry *map, u32 *count, u32 n, u64 start, u64 end)
{
    if (start < end && *count < n)
        map[(*count)++] = (struct e820_entry){
            .addr = start, .size = end - start, .type = XEN_HVM_MEMMAP_TYPE_RAM};
}

s64 firmware_map(struct e820_entry *map, u32 n, const u8 *base)
{
    const struct hvm_info_table *t = (const void *)(base + HVM_INFO_PADDR);
    u32 count = 0;

    if (!good(t))
        return 0;
    add(map, &count, n, 0, VIDEO);
    add(map, &count, n, VIDEO_END, (u64)t->low_mem_pgend << PAGE_SHIFT);
    add(map, &count, n, ABOVE, (u64)t->high_mem_pgend << PAGE_SHIFT);
    return count;
}
