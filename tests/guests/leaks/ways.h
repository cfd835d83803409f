/* SPDX-License-Identifier: MIT */
/* Ways into the hypervisor with canaries in all registers, and ways to user mode: by width. */
#ifndef WAYS_H
#define WAYS_H

#include "guest.h"

/* Canaries are numbers from CANARY on, below CANARY_END. */
#if GUEST_BITS == 64
#define CANARY     0x5ec2e70000000000UL
#define CANARY_END 0x5ec2e80000000000UL
#else
#define CANARY     0x5ec2e700UL
#define CANARY_END 0x5ec2e800UL
#endif

/* Addresses of the kernel's. With 32 bits a time in nanoseconds may be such a number, too, so no
 * more than what there is. */
#if GUEST_BITS == 64
#define KERNEL_FROM VIRT_BASE
#define KERNEL_END  (VIRT_BASE + (64UL << 20))
#else
extern u8 _image_start[], _image_end[];
#define KERNEL_FROM ((ul)_image_start)
#define KERNEL_END  ((ul)_image_end)
#endif

/* The last two store to `watched`, where a watchpoint can be. */
#define NR_WAYS 9
extern void (*const kernel_ways[NR_WAYS])(void);
extern u8 watched[64];

void prepare_ways(void);
/* For some time; by the one way or the other. */
void spin_in_user_mode(bool other_way);
/* Or on a real Xen, which has nothing to be looked at. */
bool in_shim(void);

#endif
