// SPDX-License-Identifier: MIT
/* See multiboot.h.  Multiboot Specification 0.6.96, section 3.3; Multiboot2 2.0, section 3.6. */
#include "multiboot.h"

#define MB1_FLAG_CMDLINE (1u << 2)
#define MB1_FLAG_MODS    (1u << 3)
#define MB1_FLAG_MMAP    (1u << 6)

struct mb1_info {
    u32 flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr, syms[4];
    u32 mmap_length, mmap_addr;
};

struct mb1_module {
    u32 start, end, string, reserved;
};

struct mb1_mmap {
    u32 size; /* of the rest */
    u64 addr, len;
    u32 type;
} __attribute__((packed));

struct mb2_tag {
    u32 type, size;
};

enum { MB2_END = 0, MB2_CMDLINE = 1, MB2_MODULE = 3, MB2_MMAP = 6 };

struct mb2_mmap_entry {
    u64 addr, len;
    u32 type, reserved;
};

#define TYPE_RAM 1

static const char *read_mb1(struct boot_info *info, u32 pa, const u8 *base)
{
    const struct mb1_info *mb = (const void *)(base + pa);
    const char *err;

    if (mb->flags & MB1_FLAG_CMDLINE)
        info->cmdline = (const char *)base + mb->cmdline;
    if (!(mb->flags & MB1_FLAG_MMAP))
        return "the loader gives no memory map";
    for (u64 off = 0; off + sizeof(struct mb1_mmap) <= mb->mmap_length;) {
        const struct mb1_mmap *e = (const void *)(base + mb->mmap_addr + off);
        if (e->type == TYPE_RAM && (err = boot_add_ram(info, e->addr, e->len)))
            return err;
        off += (u64)e->size + 4;
    }
    if (!(mb->flags & MB1_FLAG_MODS))
        return NULL;
    const struct mb1_module *m = (const void *)(base + mb->mods_addr);
    for (u32 i = 0; i < mb->mods_count; i++)
        if ((err = boot_add_module(info, m[i].start, m[i].end,
                                   m[i].string ? (const char *)base + m[i].string : "")))
            return err;
    return NULL;
}

static const char *read_mb2_mmap(struct boot_info *info, const struct mb2_tag *tag)
{
    const u32 *head = (const u32 *)(tag + 1); /* entry size, entry version */

    if (tag->size < 16 || !head[0])
        return "the loader gives no memory map";
    for (u64 off = 16; off + sizeof(struct mb2_mmap_entry) <= tag->size; off += head[0]) {
        const struct mb2_mmap_entry *e = (const void *)((const u8 *)tag + off);
        const char *err = e->type == TYPE_RAM ? boot_add_ram(info, e->addr, e->len) : NULL;
        if (err)
            return err;
    }
    return NULL;
}

static const char *read_mb2(struct boot_info *info, u32 pa, const u8 *base)
{
    const u8 *p = base + pa, *end = p + *(const u32 *)p;
    const char *err = NULL;

    for (p += 8; p + sizeof(struct mb2_tag) <= end && !err;) {
        const struct mb2_tag *tag = (const void *)p;
        const u32 *w = (const u32 *)(tag + 1);

        if (tag->size < sizeof(*tag) || tag->size > (u64)(end - p) ||
            (tag->type == MB2_MODULE && tag->size < 17))
            return "the loader's information is damaged";
        switch (tag->type) {
        case MB2_END:
            return NULL;
        case MB2_CMDLINE:
            info->cmdline = (const char *)w;
            break;
        case MB2_MODULE:
            err = boot_add_module(info, w[0], w[1], (const char *)(w + 2));
            break;
        case MB2_MMAP:
            err = read_mb2_mmap(info, tag);
            break;
        }
        p += round_up((u64)tag->size, 8UL);
    }
    return err;
}

const char *multiboot_read(struct boot_info *info, u32 magic, u32 pa, const u8 *base)
{
    const char *err;

    *info = (struct boot_info){.cmdline = ""};
    if (magic == MULTIBOOT1_MAGIC)
        err = read_mb1(info, pa, base);
    else if (magic == MULTIBOOT2_MAGIC)
        err = read_mb2(info, pa, base);
    else
        err = "started by something that is not a Multiboot loader";
    if (!err && !info->nr_ram)
        err = "the loader gives no memory map";
    return err;
}
