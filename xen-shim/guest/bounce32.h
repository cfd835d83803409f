/* SPDX-License-Identifier: MIT */
/* A 32-bit guest's handlers: bounce32.c. */
#ifndef SHIM_BOUNCE32_H
#define SHIM_BOUNCE32_H

#include "vcpu.h"

void bounce32_exception(struct vcpu *v, struct regs *r, unsigned int vector, u32 error_code);
void bounce32_soft_interrupt(struct vcpu *v, struct regs *r, unsigned int vector);
void bounce32_page_fault(struct vcpu *v, struct regs *r, u64 addr, u32 error_code);
void bounce32_callback(struct vcpu *v, struct regs *r, const struct callback *cb);
void bounce32_failsafe(struct vcpu *v, struct regs *r, const u16 sel[4]);
void bounce32_int80(struct vcpu *v, struct regs *r);
bool bounce32_sysenter(struct vcpu *v, struct regs *r);

/* n words below *sp in the segment ss, the first one lowest; *sp goes down.  False: the guest has
 * no such stack. */
bool push32(const struct vcpu *v, u16 ss, u32 *sp, const u32 *words, unsigned int n);

/* trap32.c: the last thing before the guest runs on. */
void exit_work32(struct vcpu *v, struct regs *r);

#endif
