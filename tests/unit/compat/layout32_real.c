// SPDX-License-Identifier: MIT
/* Compiled for 32 bits, to data alone: what the real headers say there. */
#include "xen_abi.h"

extern const u32 layout32_real[];
const u32 layout32_real[] = {
#define SIZE(real, ours)                    sizeof(struct real),
#define FIELD(real, ours, field, our_field) offsetof(struct real, field),
#include "layout32.list"
};
