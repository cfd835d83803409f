/* SPDX-License-Identifier: MIT */
#ifndef SHIM_HYPERCALL_PAGE_H
#define SHIM_HYPERCALL_PAGE_H

#include "types.h"

/* Writes the 128 stubs that the guest's HYPERCALL_PAGE note, or MSR 0x40000000, asks for, into a
 * page of the guest's (build.c, msr.c). */
void hypercall_page_fill(u8 *page);

/* The same for a 32-bit guest. */
void hypercall_page_fill32(u8 *page);

#endif
