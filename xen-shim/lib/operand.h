/* SPDX-License-Identifier: MIT */
/* The registers and addresses that a decoded instruction names.  Pure. */
#ifndef SHIM_OPERAND_H
#define SHIM_OPERAND_H

#include "decode.h"
#include "regs.h"

/* Register n, of 16, in the guest's frame. */
u64 *operand_gpr(struct regs *r, unsigned int n);

/* Offset of the memory operand in its segment; in->mod isn't 3. */
u64 operand_offset(struct regs *r, const struct insn *in);

/* A register as an instruction with this size of addresses uses and changes it: the rest of one of
 * 32 bits becomes 0, that of one of 16 bits stays. */
u64 operand_get(u64 reg, unsigned int bytes);
void operand_set(u64 *reg, unsigned int bytes, u64 v);

#endif
