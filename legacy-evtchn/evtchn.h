/* SPDX-License-Identifier: MIT */
/* The way into this folder: how L0 tells of events, the ports, and raising them in the guest. */
#ifndef EVTCHN_H
#define EVTCHN_H

#include "event.h"
#include "fifo.h"
#include "own.h"
#include "ports.h"
#include "upcall.h"
#include "vcpu_info.h"

#endif
