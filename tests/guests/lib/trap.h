/* SPDX-License-Identifier: MIT */
/* Exceptions, callbacks and software interrupts as the hypervisor delivers them. */
#ifndef GUEST_TRAP_H
#define GUEST_TRAP_H

#include "entry.h"
#include "hypercall.h"

enum {
    X_DE = 0,
    X_DB = 1,
    X_BP = 3,
    X_OF = 4,
    X_BR = 5,
    X_UD = 6,
    X_NM = 7,
    X_TS = 10,
    X_NP = 11,
    X_SS = 12,
    X_GP = 13,
    X_PF = 14,
    X_MF = 16,
    X_AC = 17,
    X_XM = 19,
    X_NONE = -1,
};

enum {
    FL_CF = 1 << 0,
    FL_FIXED = 1 << 1,
    FL_TF = 1 << 8,
    FL_IF = 1 << 9,
    FL_DF = 1 << 10,
    FL_IOPL = 3 << 12,
    FL_NT = 1 << 14,
    FL_RF = 1 << 16,
    FL_AC = 1 << 18,
    FL_ID = 1 << 21,
};

/* In the order in which entry.S pushes them. */
struct gprs {
    u64 r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
};

struct trap {
    int entry;      /* stub: vector or ENTRY_* */
    bool has_error; /* an error code was pushed */
    u32 error;
    u64 rip, cs_slot, rflags, rsp, ss;
    u64 slot_rcx, slot_r11;
    u64 cr2;            /* vcpu_info's, at entry */
    u64 frame;          /* address of the lowest slot */
    u64 handler_rflags; /* RFLAGS in the first instruction of the handler */
    u8 handler_mask;    /* evtchn_upcall_mask then */
    struct gprs regs;
};

/* The CS slot carries the selector and the upcall mask that was in force. */
#define TRAP_CS(t)         ((u16)(t)->cs_slot)
#define TRAP_SAVED_MASK(t) ((u8)((t)->cs_slot >> 32))
#define TRAP_FROM_USER(t)  (((t)->cs_slot & 3) == 3)

/* The nine words that HYPERVISOR_iret takes, then the registers it doesn't restore. */
struct context {
    struct iret_context f;
    struct gprs regs;
};
void context_switch(struct context *ctx) __attribute__((noreturn));

void trap_init(void);
ul trap_stub(int entry);
/* Registers one vector with the given DPL and flags of struct trap_info. */
void trap_set(int vector, int dpl, bool mask_events);

/* The last trap of a PROBE; entry is X_NONE if there was none. */
extern struct trap last_trap;
extern u64 trap_resume_rip;
extern int trap_count;
void trap_arm(void);
/* Prints "#GP[0x18]" or "none" and compares. error < 0: no error code must have been pushed. */
void check_trap(const char *name, int vector, long error);
void fact_trap(const char *name);
const char *trap_name(const struct trap *t);

/* Called first for each entry, may change t; true = return to t with HYPERVISOR_iret. */
extern bool (*trap_hook)(struct trap *t);

#define FIXUP_AT "movq $9f, trap_resume_rip(%%rip)\n\t"
/*
 * PROBE("insn", outputs, inputs, clobbers): runs it; a trap resumes behind it, and last_trap tells.
 * The instruction must not use label 9.
 */
#define PROBE(insn, outs, ins, ...)                                                                \
    do {                                                                                           \
        trap_arm();                                                                                \
        asm volatile(FIXUP_AT insn "\n9:\tmovq $0, trap_resume_rip(%%rip)"                         \
                     : outs:ins                                                                    \
                     : "memory", "cc", ##__VA_ARGS__);                                             \
    } while (0)
#define NONE
/* For more than one operand in a place of PROBE. */
#define LIST(...) __VA_ARGS__

#endif
