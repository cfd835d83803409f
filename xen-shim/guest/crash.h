/* SPDX-License-Identifier: MIT */
#ifndef SHIM_CRASH_H
#define SHIM_CRASH_H

#include "types.h"

struct regs;

/* The guest's fault at run time, with its registers: it can't go on.  Ends the domain in L0's
 * SHUTDOWN_crash, never in a reboot. */
void __noreturn guest_crash(const struct regs *regs, const char *why);

#endif
