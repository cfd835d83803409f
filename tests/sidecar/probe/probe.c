// SPDX-License-Identifier: MIT
/* Stands in for the shim in tests: a Multiboot 2 image that prints on COM1, in hex so that nothing can
 * be lost, what its loader gave it - its own string, and size, CRC-32 and string of each module - and
 * ends QEMU by its isa-debug-exit device. */
#include <stddef.h>
#include <stdint.h>

#define MAGIC 0xe85250d6u
__attribute__((section(".multiboot"), aligned(8), used)) static const uint32_t header[] = {
    MAGIC, 0, 24, -(MAGIC + 24), 0, 8,
};

static void outb(uint16_t port, uint8_t v) { __asm__ volatile("outb %0, %1" ::"a"(v), "Nd"(port)); }

static void putc(char c) { outb(0x3f8, (uint8_t)c); }

static void puts(const char *s)
{
    while (*s)
        putc(*s++);
}

static void hex(uint32_t v, int digits)
{
    while (digits--)
        putc("0123456789abcdef"[v >> digits * 4 & 15]);
}

static void hex_string(const char *s)
{
    putc(' ');
    for (; *s; s++)
        hex((uint8_t)*s, 2);
    putc('\n');
}

static uint32_t crc32(const uint8_t *p, uint32_t n)
{
    static uint32_t table[256];
    uint32_t crc = ~0u;

    for (uint32_t i = 0; i < 256; i++) {
        table[i] = i;
        for (int k = 0; k < 8; k++)
            table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320u : 0);
    }
    while (n--)
        crc = crc >> 8 ^ table[(crc ^ *p++) & 255];
    return ~crc;
}

/* Called from start.S with the loader's magic and information. */
void probe_main(uint32_t magic, const uint8_t *info)
{
    const uint8_t *end = info + *(const uint32_t *)info;

    puts("PROBE magic ");
    hex(magic, 8);
    putc('\n');
    for (const uint8_t *tag = info + 8; tag < end;) {
        const uint32_t *w = (const uint32_t *)tag;

        if (w[0] == 1) {
            puts("PROBE image");
            hex_string((const char *)(w + 2));
        } else if (w[0] == 3) {
            puts("PROBE module ");
            hex(w[3] - w[2], 8);
            putc(' ');
            hex(crc32((const uint8_t *)w[2], w[3] - w[2]), 8);
            hex_string((const char *)(w + 4));
        } else if (w[0] == 0) {
            break;
        }
        tag += (w[1] + 7) & ~7u;
    }
    puts("PROBE end\n");
    outb(0xf4, 0);
    for (;;)
        __asm__ volatile("hlt");
}
