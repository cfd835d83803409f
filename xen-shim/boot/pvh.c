// SPDX-License-Identifier: MIT
/* See pvh.h. */
#include "pvh.h"

#include <xen/xen.h>

#include <xen/arch-x86/hvm/start_info.h>

static const char *read_own_map(struct boot_info *info, const struct hvm_start_info *si,
                                const u8 *base)
{
    const struct hvm_memmap_table_entry *e = (const void *)(base + si->memmap_paddr);
    const char *err = NULL;

    for (u32 i = 0; i < si->memmap_entries && !err; i++)
        if (e[i].type == XEN_HVM_MEMMAP_TYPE_RAM)
            err = boot_add_ram(info, e[i].addr, e[i].size);
    return err;
}

static const char *ask_for_map(struct boot_info *info,
                               s64 (*memory_map)(struct e820_entry *map, u32 n))
{
    static struct e820_entry map[BOOT_MAX_RAM];
    s64 n = memory_map(map, BOOT_MAX_RAM);
    const char *err = NULL;

    for (s64 i = 0; i < n && !err; i++)
        if (map[i].type == XEN_HVM_MEMMAP_TYPE_RAM)
            err = boot_add_ram(info, map[i].addr, map[i].size);
    return err;
}

const char *pvh_read(struct boot_info *info, u32 pa, const u8 *base,
                     s64 (*memory_map)(struct e820_entry *map, u32 n))
{
    const struct hvm_start_info *si = (const void *)(base + pa);
    const struct hvm_modlist_entry *m = (const void *)(base + si->modlist_paddr);
    const char *err;

    *info = (struct boot_info){.cmdline = ""};
    if (si->magic != XEN_HVM_START_MAGIC_VALUE)
        return "the toolstack's start information is damaged";
    if (si->cmdline_paddr)
        info->cmdline = (const char *)base + si->cmdline_paddr;
    err = si->version >= 1 && si->memmap_entries ? read_own_map(info, si, base)
                                                 : ask_for_map(info, memory_map);
    for (u32 i = 0; i < si->nr_modules && !err; i++)
        err = boot_add_module(info, m[i].paddr, m[i].paddr + m[i].size,
                              m[i].cmdline_paddr ? (const char *)base + m[i].cmdline_paddr : "");
    if (!err && !info->nr_ram)
        err = "the toolstack gives no memory map";
    return err;
}
