/* SPDX-License-Identifier: MIT */
/* The page that tells a 32-bit guest where it is: struct start_info_x86_32. */
#ifndef SHIM_START_INFO32_H
#define SHIM_START_INFO32_H

#include "xen_abi.h"

/* At start: from the form of 64 bits, with the magic of 32.  (What is told anew in a new domain
 * instance: suspend.c.) */
void start_info32(void *page, const struct start_info *si);

#endif
