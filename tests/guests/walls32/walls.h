/* SPDX-License-Identifier: MIT */
#ifndef WALLS_H
#define WALLS_H

#include "guest.h"

/* Returns to user mode that can't be, chosen ones and random ones. */
void test_returns(void);

#endif
