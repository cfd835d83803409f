/* SPDX-License-Identifier: MIT */
/* What the parts of the guest share. */
#ifndef STORM_H
#define STORM_H

#include "types.h"

#define MAX_PORTS   64
#define MAX_NUMBER  8192 /* the shim's own FIFO ports begin at 4096 */
#define MAX_VCPUS   8
#define PATIENCE_NS 60000000000UL

struct port {
    u32 number;
    u32 vcpu;           /* where its events may be taken */
    u32 sent, received; /* events */
    u8 owed;            /* 1: an event must come */
    u8 busy;            /* somebody masks or unmasks it */
};

struct storm {
    unsigned int nr_ports, nr_vcpus, rounds;
    bool fifo; /* FIFO events, not 2-level ones */
    struct port ports[MAX_PORTS];
    int index[MAX_NUMBER]; /* of ports[], by number */
    u32 playing;           /* ports that still owe something */
    u32 doubled;
    u32 taken[MAX_VCPUS]; /* events, by vCPU */
    u32 masks, unmasks, unmask_calls, rebinds, downs;
};
extern struct storm storm;

/* take.c: the upcall */
void storm_take_events(void);
u64 storm_total(void);
bool port_try(struct port *p);
void port_release(struct port *p);
void storm_mask(struct port *p);
/* Unmasks by hypercall, or as Linux does on the port's own vCPU: by the bit, then a look. */
void storm_unmask(struct port *p);
void storm_unmask_here(struct port *p);
/* An event of a port that was pending and not masked, on vCPU `me`. */
void storm_event(u32 number, unsigned int me);

/* words.c: the words of either kind, by the number of a port */
bool word_pending(u32 number);
bool word_masked(u32 number);
void word_mask(u32 number);
bool word_clear(u32 number); /* true: it was pending */
/* On the port's own vCPU, upcalls masked: without a hypercall where that will do. */
void word_unmask_here(u32 number);
void fifo_begin(void); /* before any port is opened */
void fifo_take(unsigned int me);

/* vcpu.c */
unsigned int vcpu_id(void);
struct vcpu_info *vcpu_own(void);
void vcpu_start(unsigned int v);
void vcpu_down(unsigned int v); /* its ports are elsewhere; returns when it is down */
void vcpu_up(unsigned int v);
bool vcpu_is_wake(u32 number);

/* unsettle.c: called on vCPU 0 */
void unsettle(void);
void pause_us(u64 us);

#endif
