/* SPDX-License-Identifier: MIT */
/* Base types and small macros, freestanding and host-compilable. */
#ifndef SHIM_TYPES_H
#define SHIM_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

/*
 * Frame numbers.  mfn: what the guest calls a machine frame, which is L0's guest frame (GFN);
 * there is no translation between the two.  pfn: the guest's pseudo-physical frame.
 */
typedef u64 mfn_t;
typedef u64 pfn_t;

#define ARRAY_SIZE(a)  (sizeof(a) / sizeof((a)[0]))
#define likely(x)      __builtin_expect(!!(x), 1)
#define unlikely(x)    __builtin_expect(!!(x), 0)
#define ACCESS_ONCE(x) (*(volatile __typeof__(x) *)&(x))
#define round_up(x, a) (((x) + (a)-1) & ~((__typeof__(x))(a)-1))
#define min_t(t, a, b) ((t)(a) < (t)(b) ? (t)(a) : (t)(b))
#define max_t(t, a, b) ((t)(a) > (t)(b) ? (t)(a) : (t)(b))
#define barrier()      __asm__ volatile("" ::: "memory")
#define __noreturn     __attribute__((noreturn))
#define __printf(f, a) __attribute__((format(printf, f, a)))
#define __aligned(n)   __attribute__((aligned(n)))

#endif
