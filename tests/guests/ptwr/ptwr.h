/* SPDX-License-Identifier: MIT */
#ifndef GUEST_PTWR_H
#define GUEST_PTWR_H

#include "guest.h"

extern struct window w;
extern u64 *data, *other; /* the first is 0xd, the second 0 */
u64 *va(int i);           /* what entry i of the window's L1 maps */
void flush(void);

/* x64_instructions.c, x32_instructions.c */
void test_instructions(void);
void test_sizes(void);

#endif
