/* SPDX-License-Identifier: MIT */
/* What fifo.c and fifo_op.c share. */
#ifndef EVTCHN_FIFO_STATE_H
#define EVTCHN_FIFO_STATE_H

#include "ports.h"
#include "shim.h"
#include "vcpu.h"

#define WORDS_PER_PAGE (PAGE_SIZE / sizeof(event_word_t))
#define ARRAY_PAGES    (ALL_PORTS / WORDS_PER_PAGE)

/* What isn't told by the guest's words, for each port. */
struct fifo_port {
    u8 priority : 4;
    u8 moved : 1; /* it may still be the tail of the queue that it was in */
    u8 early : 1; /* raised without a place for it to be seen: comes when there is one */
};

struct queues {
    struct evtchn_fifo_control_block *control; /* in a frame of the guest's */
    u32 tail[EVTCHN_FIFO_MAX_QUEUES];          /* the port that was added last; 0 = none yet */
};

extern struct fifo {
    lock_t lock; /* all of it, the guest's words and control blocks too, as far as we write them */
    bool offered;
    void (*let_go)(mfn_t mfn);
    struct fifo_port *port;
    struct queues *queues; /* of each vCPU */
    event_word_t *array[ARRAY_PAGES];
    u32 pages;
    u32 lowest_free; /* of the shim's numbers: none is free below */
} fifo;

/* Under the lock: a port that is in use. */
void fifo_raise_locked(u32 port);

#endif
