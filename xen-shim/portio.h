/* SPDX-License-Identifier: MIT */
/* IN, OUT, INS and OUTS of the guest. */
#ifndef SHIM_PORTIO_H
#define SHIM_PORTIO_H

#include "vcpu.h"

struct port_insn {
    u8 op, imm;       /* opcode, and the byte behind it */
    bool opsize, rep; /* prefixes */
};

static inline bool port_is_imm(u8 op)
{
    return op >= 0xe4 && op <= 0xe7;
}

/* False: the guest may not; #GP.  *done false: it is to be tried again, after a page fault that has
 * been bounced, or for the next piece of a long one. */
bool port_io(struct vcpu *v, struct regs *r, const struct port_insn *in, bool *done);

#endif
