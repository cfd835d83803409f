/* SPDX-License-Identifier: MIT */
/* The page that tells a 32-bit guest where it is: struct start_info_x86_32. */
#ifndef SHIM_START_INFO32_H
#define SHIM_START_INFO32_H

#include "xen_abi.h"

/* At start: all of it, from the form of 64 bits, but for the magic. */
void start_info32(void *page, const struct start_info *si);
/* suspend.c: what is told anew; the rest stays. */
void start_info32_again(void *page, const struct start_info *si);

#endif
