/* SPDX-License-Identifier: MIT */
/* Event channels (two-level, and the words of FIFO ones) and time as the tests use them. */
#ifndef GUEST_EVENT_H
#define GUEST_EVENT_H

#include "hypercall.h"

void event_init(void);
extern int event_upcalls;   /* upcalls taken */
extern int event_count[64]; /* events seen for each low port */
extern void (*event_hook)(int port);
extern void (*event_take)(void); /* what an upcall does: the two-level words, unless changed */

bool port_pending(u32 port);
bool port_masked(u32 port);
void port_mask(u32 port);
void port_unmask_local(u32 port); /* clears the bit only */
bool port_clear(u32 port);        /* true: it was pending */

extern struct vcpu_info *vcpu0_info;
/* Forgets what is signalled; without the selector the next event of the word would be lost. */
void events_drop(void);
void events_mask(void);
void events_unmask(void); /* also takes what is pending */

/* FIFO events. On the port's own vCPU, by the word alone; false: it is pending, and takes the
 * hypercall. */
bool fifo_word_unmask(u32 *word);
/* Off its queue: the next port of it, 0 = none. */
u32 fifo_word_take_off(u32 *word);

long evtchn(int cmd, void *arg);
u32 evtchn_new_ipi(u32 vcpu);
long evtchn_close(u32 port);
long evtchn_send(u32 port);
int evtchn_state(u32 port); /* EVTCHNSTAT_* or error */

u64 system_time(void); /* ns, by vcpu_time_info and the TSC */
u64 rdtsc(void);
u64 tsc_ticks(u64 ns); /* how many of the TSC's that is; less than 4 s */

#define MS UINT64_C(1000000) /* in ns */
/*
 * How long anything is waited for before it counts as lost. No verdict may depend on how fast the
 * machine is: an emulated one may stand still for seconds, and a wait that succeeds ends at once.
 */
#define IN_VAIN (60000 * MS)

/* Lets others run until cond holds; false when it doesn't for IN_VAIN. */
#define wait_until(cond)                                                                           \
    ({                                                                                             \
        u64 give_up_ = system_time() + IN_VAIN;                                                    \
        while (!(cond) && system_time() < give_up_)                                                \
            hc(sched_op, SCHEDOP_yield, 0);                                                        \
        (bool)(cond);                                                                              \
    })

#endif
