// SPDX-License-Identifier: MIT
/* See bootinfo.h. */
#include "bootinfo.h"

/* Insertion sort; page-rounded inwards. */
const char *boot_add_ram(struct boot_info *info, u64 start, u64 len)
{
    u64 end = (start + len) & ~0xfffUL;
    unsigned int i;

    start = round_up(start, 0x1000UL);
    if (end <= start)
        return NULL;
    if (info->nr_ram == BOOT_MAX_RAM)
        return "the memory map has too many pieces";
    for (i = info->nr_ram; i > 0 && info->ram[i - 1].start > start; i--)
        info->ram[i] = info->ram[i - 1];
    info->ram[i].start = start;
    info->ram[i].end = end;
    info->nr_ram++;
    for (i = 1; i < info->nr_ram; i++)
        if (info->ram[i].start < info->ram[i - 1].end)
            return "the memory map has overlapping pieces";
    return NULL;
}

const char *boot_add_module(struct boot_info *info, u64 start, u64 end, const char *string)
{
    if (info->nr_modules == BOOT_MAX_MODULES)
        return "more modules than guest kernel and initrd";
    if (end < start)
        return "a module ends before it starts";
    if (start & 0xfff)
        return "the loader did not align the modules to pages";
    info->module[info->nr_modules++] = (struct boot_module){start, end, string};
    return NULL;
}
