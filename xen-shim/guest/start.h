/* SPDX-License-Identifier: MIT */
/* A vCPU's way into the guest, and before that another CPU's way into the shim. */
#ifndef SHIM_START_H
#define SHIM_START_H

#include "vcpu.h"

/* Starts v's CPU, which then starts the guest with what VCPUOP_initialise left; one at a time
 * (smp.c).  Comes back when it has connected with L0. */
void start_cpu(struct vcpu *v);
/* On v itself, with its stack: loads the state it starts with and runs the guest. */
void __attribute__((noreturn)) start_guest(struct vcpu *v);

#endif
