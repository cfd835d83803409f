/* SPDX-License-Identifier: MIT */
/* What others need of sched.c. */
#ifndef SHIM_SCHED_H
#define SHIM_SCHED_H

#include "vcpu.h"

/* After a vCPU halted, before it runs the guest again. */
void after_idle(struct vcpu *v);

#endif
