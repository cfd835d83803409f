/* SPDX-License-Identifier: MIT */
/* FIFO events as a guest has them: the words, and taking what is queued for vCPU 0. */
#ifndef FIFO_H
#define FIFO_H

#include "types.h"

#define NR_PRIORITIES 16

/* Before init_control: pages for control blocks and words. The second time other ones, for few
 * ports. */
void fifo_start(void);
ul fifo_control_mfn(unsigned vcpu);
struct evtchn_fifo_control_block *fifo_control(unsigned vcpu);
/* Words up to this port are there, as far as expand_array lets us; the words are masked at first.
 */
long fifo_expand(u32 port);
unsigned fifo_pages(void);
volatile u32 *fifo_word(u32 port);

bool fifo_is(u32 port, int bit);
void fifo_mask(u32 port);
/* By the word alone; false: it is pending, and takes the hypercall. */
bool fifo_unmask_here(u32 port);
void fifo_unmask(u32 port);

/* What was taken by upcalls on vCPU 0 since the last fifo_forget, in its order. */
extern u32 taken[], nr_taken;
#define MAX_TAKEN (1 << 17)
void fifo_forget(void);
/* Takes what is in vCPU 0's queues, as the upcall does. */
void fifo_take(void);

/* back.c */
void test_back(void);

#endif
