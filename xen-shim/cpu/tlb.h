/* SPDX-License-Identifier: MIT */
/* TLB flushes: the choice of how, in one place. */
#ifndef SHIM_TLB_H
#define SHIM_TLB_H

#include "types.h"

#define TLB_ALL (~0UL) /* instead of an address: everything */

/* This vCPU.  addr: one page, or TLB_ALL. */
void tlb_flush_local(u64 addr);
/* The vCPUs of a mask (bit = vCPU id), this one included or not; returns when all have done it. */
void tlb_flush_mask(const u64 *mask, u64 addr);
/* All vCPUs. */
void tlb_flush_all(u64 addr);

#endif
