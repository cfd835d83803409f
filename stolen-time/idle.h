/* SPDX-License-Identifier: MIT */
/*
 * Waiting for an interrupt.  HLT relies on the LAPIC's one-shot timer alone, and when L0 loses that
 * interrupt an idle guest sleeps for ever.  So we wait in L0's SCHEDOP_poll, on no port, until the
 * next deadline: L0 keeps that with a timer of another kind, which needs no write to the LAPIC to
 * set it and none to end it, each of them an exit.  Where the LAPIC is armed for that deadline all
 * the same, because the guest ran after it had asked for it, poll's timeout comes a little later.
 */
#ifndef STOLEN_TIME_IDLE_H
#define STOLEN_TIME_IDLE_H

#include "vcpu.h"

/* Once, on vCPU 0. */
void idle_init(void);
/* test=drop-timer: from now on every fourth wait has its LAPIC timer stopped. */
void idle_test_drop_timer(void);
/* Waits with interrupts on until one comes, for SCHEDOP_block and friends; they are off before and
 * after. */
void idle(void);

/* An interrupt that comes after they are on and before L0 is called would not end the wait: so
 * whoever handles one there lets it end. */
extern u8 idle_window[], idle_window_end[];
static inline void idle_interrupted(struct regs *r)
{
    if (unlikely(r->rip - (u64)idle_window < (u64)(idle_window_end - idle_window)))
        r->rip = (u64)idle_window_end;
}

#endif
