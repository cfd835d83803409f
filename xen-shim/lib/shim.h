/* SPDX-License-Identifier: MIT */
/* What every file of the shim may use: output, panic, memory and bit helpers. */
#ifndef SHIM_H
#define SHIM_H

#include "layout.h"
#include "types.h"

/* lib/string.c; also what the compiler calls by itself. */
void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strncmp(const char *a, const char *b, size_t n);
size_t strlcpy(char *dst, const char *src, size_t size);
/* Are the two the same? */
bool string_is(const char *s, const char *want);

/* lib/printf.c: %d %u %x %lx %lu %ld %s %c %p with width and 0; returns the length needed. */
int vsnprintf(char *buf, size_t size, const char *fmt, __builtin_va_list ap);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

/*
 * console.c.  printk: debug log, only to port 0xe9 and only with the word "debug".
 * report: a line the operator asked for or must see (COM1 and the PV console if there).
 */
void printk(const char *fmt, ...) __printf(1, 2);
void report(const char *fmt, ...) __printf(1, 2);

/* panic.c.  refuse: the guest or the host can't be served, one line, domain crashed.
 * panic: the shim's own fault.  Both end in L0's SHUTDOWN_crash, never in a reboot; so does
 * guest_crash (crash.h). */
void __noreturn refuse(const char *fmt, ...) __printf(1, 2);
void __noreturn panic(const char *fmt, ...) __printf(1, 2);

#define ASSERT(c)                                                                                  \
    do {                                                                                           \
        if (unlikely(!(c)))                                                                        \
            panic("%s:%d: %s", __FILE__, __LINE__, #c);                                            \
    } while (0)

/* Addresses.  va: direct map of a physical address; pa_of_image: an object of the image. */
static inline void *va(u64 pa)
{
    return (void *)(DIRECT_MAP + pa);
}

static inline void *mfn_va(mfn_t mfn)
{
    return va(mfn << PAGE_SHIFT);
}

static inline u64 image_pa(const void *p)
{
    return (u64)p - IMAGE_VIRT;
}

static inline bool canonical(u64 addr)
{
    return (s64)(addr << 16) >> 16 == (s64)addr;
}

static inline bool test_and_set_bit(u64 nr, volatile void *addr)
{
    bool old;
    __asm__ volatile("lock btsq %2, %1"
                     : "=@ccc"(old), "+m"(*(volatile u64 *)addr)
                     : "r"(nr)
                     : "memory");
    return old;
}

static inline bool test_and_clear_bit(u64 nr, volatile void *addr)
{
    bool old;
    __asm__ volatile("lock btrq %2, %1"
                     : "=@ccc"(old), "+m"(*(volatile u64 *)addr)
                     : "r"(nr)
                     : "memory");
    return old;
}

static inline bool test_bit(u64 nr, const volatile void *addr)
{
    return ((const volatile u64 *)addr)[nr / 64] >> (nr % 64) & 1;
}

static inline void set_bit(u64 nr, volatile void *addr)
{
    (void)test_and_set_bit(nr, addr);
}

static inline void clear_bit(u64 nr, volatile void *addr)
{
    (void)test_and_clear_bit(nr, addr);
}

/* A lock.  Some are held while L0 works or a port is slow: interrupts are off in the shim anyway.
 */
typedef struct {
    volatile u32 held;
} lock_t;

/* kick.c: until it isn't held.  Answers flushes meanwhile: who holds it may wait for them. */
void lock_wait(const lock_t *l);

static inline bool trylock(lock_t *l)
{
    return !__atomic_exchange_n(&l->held, 1, __ATOMIC_ACQUIRE);
}

static inline void lock(lock_t *l)
{
    while (!trylock(l))
        lock_wait(l);
}

static inline void unlock(lock_t *l)
{
    __atomic_store_n(&l->held, 0, __ATOMIC_RELEASE);
}

#endif
