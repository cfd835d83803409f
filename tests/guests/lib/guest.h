/* SPDX-License-Identifier: MIT */
/* All of the mini-runtime, for tests. */
#ifndef GUEST_H
#define GUEST_H

#include "types.h"
#include "hypercall.h"
#include "check.h"
#include "trap.h"
#include "memory.h"
#include "event.h"
#include "user.h"

/* Registers at the entry point, by start_regs[]. */
enum {
    START_RAX,
    START_RBX,
    START_RCX,
    START_RDX,
    START_RSI,
    START_RDI,
    START_RBP,
    START_RSP,
    START_R8,
    START_R9,
    START_R10,
    START_R11,
    START_R12,
    START_R13,
    START_R14,
    START_R15,
    START_RFLAGS,
    START_DS,
    START_ES,
    START_FS,
    START_GS,
    START_SS,
    START_CS,
};
extern u64 start_regs[];

#endif
