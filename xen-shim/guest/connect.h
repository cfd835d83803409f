/* SPDX-License-Identifier: MIT */
/*
 * What L0 holds for the domain outside its memory and its CPUs: where events are delivered,
 * run-states, ports, the mapping of shared pages.  It is asked for when the shim starts, and again
 * when a restored or migrated domain goes on, on an L0 that may be another.
 */
#ifndef SHIM_CONNECT_H
#define SHIM_CONNECT_H

#include "cmdline.h"
#include "vcpu.h"

/* main.c, on vCPU 0, last before the guest; `console` is the frame of the guest's ring.  `c` is
 * needed later too. */
void connect_first(const struct cmdline *c, mfn_t console);
/* On each other vCPU before it runs the guest. */
void connect_vcpu(struct vcpu *v);

/* suspend.c: the same in the new domain instance.  vCPU 0 in connect_again, with the others frozen
 * (freeze.h); the guest's time goes on at `ns`. Then each other one in reconnect_vcpu. */
void connect_again(u64 ns);
/* (hidden: its address is taken, and there is no GOT) */
void __attribute__((visibility("hidden"))) reconnect_vcpu(struct vcpu *v);

#endif
