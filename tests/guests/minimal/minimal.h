/* SPDX-License-Identifier: MIT */
#ifndef GUEST_MINIMAL_H
#define GUEST_MINIMAL_H

#include "guest.h"

ul read_cr3(void); /* the frame in it */

/* x64_base.c, x32_base.c */
void test_base(void);
void test_user(void);

#endif
