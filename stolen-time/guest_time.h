/* SPDX-License-Identifier: MIT */
/* The way into this folder: the guest's clock and timers, waiting, and run-state. */
#ifndef STOLEN_TIME_GUEST_TIME_H
#define STOLEN_TIME_GUEST_TIME_H

#include "clock.h"
#include "idle.h"
#include "runstate.h"
#include "runstate_layout.h"
#include "timer.h"

#endif
