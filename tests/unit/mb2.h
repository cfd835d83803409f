/* SPDX-License-Identifier: MIT */
/* Multiboot 2's information, put together tag by tag. */
#ifndef UNIT_MB2_H
#define UNIT_MB2_H

#include "unit.h"
#include "multiboot.h"

enum { MB2_AT = 8 };

struct mb2 {
    u8 bytes[0x800] __attribute__((aligned(16)));
    u32 end;
};

static inline void mb2_start(struct mb2 *m)
{
    memset(m, 0, sizeof(*m));
    m->end = MB2_AT + 8;
}

/* Returns the tag's offset. */
static inline u32 mb2_tag(struct mb2 *m, u32 type, const void *body, u32 size)
{
    u32 at = m->end, head[2] = {type, size + 8};

    memcpy(m->bytes + at, head, 8);
    memcpy(m->bytes + at + 8, body, size);
    m->end += round_up(size + 8, 8u);
    return at;
}

static inline void mb2_module(struct mb2 *m, u32 start, u32 end, const char *string)
{
    u8 body[64];

    memcpy(body, &start, 4);
    memcpy(body + 4, &end, 4);
    strcpy((char *)body + 8, string);
    mb2_tag(m, 3, body, 8 + (u32)strlen(string) + 1);
}

struct mb2_ram {
    u64 start, len;
    u32 type, reserved;
};

static inline u32 mb2_mmap(struct mb2 *m, const struct mb2_ram *ram, u32 n)
{
    u8 body[0x600] = {24};

    memcpy(body + 8, ram, n * sizeof(*ram));
    return mb2_tag(m, 6, body, 8 + n * 24);
}

/* Reads it from memory that ends where the information does. */
static inline const char *mb2_read(struct mb2 *m, struct boot_info *info, u8 **copy)
{
    u32 total = m->end - MB2_AT;

    memcpy(m->bytes + MB2_AT, &total, 4);
    *copy = malloc(m->end);
    memcpy(*copy, m->bytes, m->end);
    return multiboot_read(info, MULTIBOOT2_MAGIC, MB2_AT, *copy);
}

#endif
