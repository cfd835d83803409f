// SPDX-License-Identifier: MIT
/* See count.h. */
#include "count.h"

#ifdef COUNTING
unsigned long counters[NR_COUNTERS];
#endif
