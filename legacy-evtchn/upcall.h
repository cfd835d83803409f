/* SPDX-License-Identifier: MIT */
/*
 * How L0 tells that an event is pending.  A ladder, by probing:
 *
 *   percpu  HVMOP_set_evtchn_upcall_vector: a LAPIC vector on each vCPU
 *   vector  HVM_PARAM_CALLBACK_IRQ type 2, where XENFEAT_hvm_callback_vector says that it works;
 *           before percpu where L0 emulates the LAPIC
 *   gsi     type 0, GSI 16: level interrupt on vCPU 0 through the IO-APIC
 *   intx    type 1, the platform device's INTA: the same, on a line that is shared
 *   pic     type 0, ISA line 7 through the 8259s: where there is no IO-APIC
 */
#ifndef EVTCHN_UPCALL_H
#define EVTCHN_UPCALL_H

#include "own.h"
#include "vcpu.h"

/* Chooses the rung; `force` is the value of the word evtchn=, or "".  Refuses when a forced rung
 * can't be had.  LAPIC enabled before, interrupts off. */
void upcall_init(const char *force);
/* On every vCPU before it runs the guest. */
void upcall_init_vcpu(struct vcpu *v);
/* The rung's name, for the word "stats". */
const char *upcall_name(void);
/* Does L0 deliver to other vCPUs than 0? */
bool upcall_percpu(void);

/* VECTOR_UPCALL; from trap.c. */
void upcall_interrupt(struct vcpu *v);
/* From vCPU 0's timer: mends a level interrupt that went dead. */
void upcall_watch(struct vcpu *v);
/* Is there any that could? */
bool upcall_needs_watch(void);
/* test=mute-upcall: lets it go dead after that many interrupts. */
void upcall_test_mute(u32 interrupts);
/* A port of L0's that isn't the guest's by that number, 0 = none: `raised` is called for it, on any
 * vCPU, with interrupts off.  Before upcall_init, and again in a new domain instance. */
void upcall_keep_port(enum own which, u32 port, void (*raised)(void));
/* Looks for pending events of this vCPU at L0 and raises them in the guest. */
void upcall_scan(struct vcpu *v);

#endif
