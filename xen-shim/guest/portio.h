/* SPDX-License-Identifier: MIT */
/* IN, OUT, INS and OUTS of the guest. */
#ifndef SHIM_PORTIO_H
#define SHIM_PORTIO_H

#include "decode.h"
#include "vcpu.h"

/* False: the guest may not; #GP.  Else it is done, or an exception of the guest's was bounced, or
 * RIP stays where it is for the next piece of a long one. */
bool port_io(struct vcpu *v, struct regs *r, const struct insn *in);

#endif
