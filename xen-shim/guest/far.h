/* SPDX-License-Identifier: MIT */
/*
 * Far transfers and loads of SS by the guest's kernel.  On Xen it runs in ring 3 and the CPU does
 * them; here it runs in ring 1, where a selector with RPL 3 is a fault, or a return to another
 * ring. They are done in its place, with the checks and faults of ring 3.  What it loaded is
 * remembered for the frames that it sees; the CPU's own registers stay the shim's pair.
 */
#ifndef SHIM_FAR_H
#define SHIM_FAR_H

#include "decode.h"
#include "vcpu.h"

/* A fault with a selector, or the #GP(0) for a null one, of an instruction of the kernel's.  True:
 * done, or the right exception bounced. */
bool far_transfer(struct vcpu *v, struct regs *r, const struct insn *in, u32 error_code);

/* trap.c: the same for what the CPU takes for a return to ring 3 and faults at the RSP and SS that
 * it then expects: #SS, #NP, or a page fault there.  False: it's no such return. */
bool far_return_fault(struct vcpu *v, struct regs *r);

/* The kernel went on with these by itself, or the hypercall iret said so; without a check. */
void far_note_selectors(struct vcpu *v, u16 cs, u16 ss);
/* iret.c: to these; a bad one is an exception in the context returned to. */
void far_iret(struct vcpu *v, struct regs *r, u16 cs, u16 ss);

#endif
