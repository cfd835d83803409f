/* SPDX-License-Identifier: MIT */
/* What the two halves of this guest share: memory of user mode, and the run of a snippet. */
#ifndef USERIO_H
#define USERIO_H

#include "guest.h"

#if GUEST_BITS == 64
#define CODE32_CS 0xe023
#else
#define CODE32_CS USER_CS
#endif

#define AREA      (USER_BASE + 0x180000)
#define PAGE_A    AREA /* two pages, then a hole */
#define HOLE      (AREA + 2 * PAGE_SIZE)
#define READ_ONLY (AREA + 3 * PAGE_SIZE)
#define ALLOWED   0x80 /* to 0x87, by the bitmap */

extern u8 *pages; /* the kernel's view of PAGE_A and the one behind it */

struct io {
    ul rax, rbx, rcx, rdx, rsi, rdi, rflags;
    u16 cs;
};
/* Runs code with these registers (port ALLOWED, of its own width if nothing is said), on pages of
 * zeroes. */
struct trap *io_run(const void *code, const struct io *in);
/* How it ended, and what it did to registers and pages. */
void io_show(const char *name, const void *code, const struct io *in);

#define SHOW(code, ...) io_show(#code, code, &(struct io){__VA_ARGS__})

/* What only this width has. */
void test_width(void);
void test_segments(void);

#endif
