/* SPDX-License-Identifier: MIT */
/* Words of a guest's command line, and cases that come from a seed's number. */
#ifndef GUEST_WORDS_H
#define GUEST_WORDS_H

#include "types.h"

/* NAME=N. */
u64 word_number(const char *name, u64 otherwise);
bool word_given(const char *name);

/* What follows depends on the two alone. */
void case_begin(u64 seed, u32 number);
u32 case_random(void);
u32 case_below(u32 n);

#endif
