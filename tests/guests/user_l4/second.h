/* SPDX-License-Identifier: MIT */
#ifndef SECOND_H
#define SECOND_H

#include "guest.h"

/* vCPU 1 runs in user mode at rip, with RDI = data_va, on the L4 that is vCPU 0's kernel table.
 * What runs there adds to the word at data_va, which the kernel sees at counter.  The L4 entry of
 * data_va is cleared at the end. */
void test_second(ul rip, ul data_va, volatile u64 *counter);

#endif
