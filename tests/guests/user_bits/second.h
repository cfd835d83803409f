/* SPDX-License-Identifier: MIT */
/* A second vCPU that is in user mode, reads an address when it is told to, and tells what it got.
 */
#ifndef SECOND_H
#define SECOND_H

#include "guest.h"

extern u8 second_code[]; /* in the user section */
extern struct trap second_trap;

/* Starts it in user mode at rip, on that user L4. */
void second_start(u64 rip, u64 user_cr3);
/* False when it has not come to that step for long: 1 user mode runs, 2 it has trapped. */
bool second_wait(u64 step);
void second_go(u64 addr);

#endif
