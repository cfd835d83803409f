/* SPDX-License-Identifier: MIT */
/* What the host says of this guest's vCPUs: their run-state, by hypercall through the kernel's
 * privcmd device.  Needs root and the module xen-privcmd, on newer kernels loaded with
 * unrestricted=1. */
#ifndef STEAL_REPORT_HOST_H
#define STEAL_REPORT_HOST_H

#include <stdbool.h>
#include <stdint.h>

enum { RUNNING, STOLEN, BLOCKED, OFFLINE, STATES };

struct host_times {
    uint64_t entry;        /* when its present state began, in the guest's system time */
    uint64_t time[STATES]; /* ns since the vCPU was made */
};

/* NULL, or why it can't be had. */
const char *host_open(void);
/* False when there is no such vCPU. */
bool host_read(unsigned int vcpu, struct host_times *t);

#endif
