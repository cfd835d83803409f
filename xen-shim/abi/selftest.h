/* SPDX-License-Identifier: MIT */
/*
 * Hypercall arch_7 (55), nobody's on x86, for tests of the shim itself.  It is there only with one
 * of the words test=panic and test=scan.
 *
 *   test=panic  argument 1: kind of bug to run into: 0 bad address, 1 end of the stack, 2 failed
 *               check
 *   test=scan   arguments vCPU, low, high: looks through the shim's pages that are present in the
 *               table which that vCPU's user mode runs on.  The number of aligned words in [low,
 * high) in bits 0-15, in bits 16-31 the number of pages that shouldn't be there, or have other
 * rights than they should; -EAGAIN: user mode doesn't run, or has no such table.
 */
#ifndef SHIM_SELFTEST_H
#define SHIM_SELFTEST_H

#include "types.h"

/* At start; false when the word is neither. */
bool selftest_enable(const char *word);

#endif
