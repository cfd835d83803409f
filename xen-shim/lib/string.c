// SPDX-License-Identifier: MIT
/* Memory and string functions.  No FPU, and written so that the compiler can't turn a loop here
 * back into a call of itself. */
#include "shim.h"

void *memcpy(void *dst, const void *src, size_t n)
{
    void *d = dst;
    size_t words = n / 8, tail = n % 8;

    __asm__ volatile("rep movsq" : "+D"(d), "+S"(src), "+c"(words)::"memory");
    __asm__ volatile("rep movsb" : "+D"(d), "+S"(src), "+c"(tail)::"memory");
    return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
    if ((u64)dst - (u64)src >= n)
        return memcpy(dst, src, n);

    u8 *d = (u8 *)dst + n - 1;
    const u8 *s = (const u8 *)src + n - 1;
    __asm__ volatile("std; rep movsb; cld" : "+D"(d), "+S"(s), "+c"(n)::"memory");
    return dst;
}

void *memset(void *dst, int c, size_t n)
{
    void *d = dst;
    size_t words = n / 8, tail = n % 8;
    u64 fill = 0x0101010101010101UL * (u8)c;

    __asm__ volatile("rep stosq" : "+D"(d), "+c"(words) : "a"(fill) : "memory");
    __asm__ volatile("rep stosb" : "+D"(d), "+c"(tail) : "a"(fill) : "memory");
    return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const u8 *p = a, *q = b;

    for (; n; n--, p++, q++)
        if (*p != *q)
            return *p - *q;
    return 0;
}

size_t strlen(const char *s)
{
    size_t n = 0;

    while (s[n])
        n++;
    return n;
}

int strncmp(const char *a, const char *b, size_t n)
{
    for (; n; n--, a++, b++)
        if (*a != *b || !*a)
            return (u8)*a - (u8)*b;
    return 0;
}

size_t strlcpy(char *dst, const char *src, size_t size)
{
    size_t n = strlen(src);

    if (size) {
        size_t c = min_t(size_t, n, size - 1);
        memcpy(dst, src, c);
        dst[c] = 0;
    }
    return n;
}

bool string_is(const char *s, const char *want)
{
    size_t n = strlen(want);

    return strlen(s) == n && !strncmp(s, want, n);
}
