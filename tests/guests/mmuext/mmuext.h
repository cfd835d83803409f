/* SPDX-License-Identifier: MIT */
#ifndef GUEST_MMUEXT_H
#define GUEST_MMUEXT_H

#include "guest.h"

extern u64 *data;

/* x64_pin.c, x32_pin.c */
void test_pin_levels(void);
void test_baseptr(void);

#endif
