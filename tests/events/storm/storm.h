/* SPDX-License-Identifier: MIT */
/* What the parts of the guest share. */
#ifndef STORM_H
#define STORM_H

#include "types.h"

#define MAX_PORTS   64
#define MAX_NUMBER  4096
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
