/* SPDX-License-Identifier: MIT */
#ifndef GUEST_HYPERCALLS_H
#define GUEST_HYPERCALLS_H

#include "guest.h"

/* x64_convention.c, x32_convention.c */
void test_convention(void);
void test_page(void);

#endif
