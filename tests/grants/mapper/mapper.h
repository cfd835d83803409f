/* SPDX-License-Identifier: MIT */
#ifndef MAPPER_H
#define MAPPER_H

#include "grant.h"

/* bench.c, for the word `bench`: times maps of these references of dom0's, and events. */
void bench(const u32 *refs, struct window w);

#endif
