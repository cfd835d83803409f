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
#include "words.h"

#endif
