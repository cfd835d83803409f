// SPDX-License-Identifier: MIT
/* Offsets of C structures for assembly; build.mk turns the output into asm-offsets.h. */
#include "vcpu.h"

#define DEFINE(name, value) __asm__ volatile("\n#define " #name " %c0" ::"i"(value))

void offsets(void);
void offsets(void)
{
    DEFINE(VCPU_SYSCALL_RSP, offsetof(struct vcpu, syscall_rsp));
    DEFINE(VCPU_SYSCALL_ENTRY, offsetof(struct vcpu, syscall_entry));
    DEFINE(VCPU_KERNEL_MODE, offsetof(struct vcpu, kernel_mode));
    DEFINE(REGS_RIP, offsetof(struct regs, rip));
    DEFINE(REGS_CS, offsetof(struct regs, cs));
    DEFINE(REGS_RAX, offsetof(struct regs, rax));
    DEFINE(REGS_VECTOR, offsetof(struct regs, vector));
    DEFINE(REGS_SIZE, sizeof(struct regs));
}
