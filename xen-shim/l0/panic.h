/* SPDX-License-Identifier: MIT */
/* panic.c beyond what shim.h declares. */
#ifndef SHIM_PANIC_H
#define SHIM_PANIC_H

#include "types.h"

struct regs;

/* A fault inside the shim, with the frame of the fault; from trap.c. */
void __noreturn panic_regs(const struct regs *regs, const char *why);

/* Of the last lines of a domain: a frame's registers; then the end, as a crash. */
void panic_show_regs(const struct regs *regs);
void __noreturn panic_end(void);

#endif
