// SPDX-License-Identifier: MIT
/* Compiled for 32 bits, to data alone: what the real headers say there. */
#include "xen_abi.h"

extern const u32 headers32[];
const u32 headers32[] = {
#define SIZE(real, ours)                    sizeof(struct real),
#define FIELD(real, ours, field, our_field) offsetof(struct real, field),
#include "headers32.list"
};
