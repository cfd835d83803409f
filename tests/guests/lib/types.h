/* SPDX-License-Identifier: MIT */
#ifndef GUEST_TYPES_H
#define GUEST_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef unsigned long ul;

#define PAGE_SIZE        4096UL
#define PAGE_SHIFT       12
#define ARRAY_LEN(a)     (sizeof(a) / sizeof((a)[0]))
#define barrier()        asm volatile("" ::: "memory")
#define page_aligned     __attribute__((aligned(4096)))
#define LONG_BITS        (8 * (int)sizeof(ul))
#define READ_ONCE(x)     (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

void *memset(void *dst, int c, size_t n);
void *memcpy(void *dst, const void *src, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strncmp(const char *a, const char *b, size_t n);

#endif
