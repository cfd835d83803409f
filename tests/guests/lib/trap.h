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

struct trap {
    int entry;      /* stub: vector or ENTRY_* */
    bool has_error; /* an error code was pushed */
    u32 error;
    ul rip, cs_slot, rflags, rsp, ss;
    ARCH_TRAP_FIELDS
    ul cr2;            /* vcpu_info's, at entry */
    ul frame;          /* address of the lowest slot */
    ul handler_rflags; /* RFLAGS in the first instruction of the handler */
    u8 handler_mask;   /* evtchn_upcall_mask then */
    struct gprs regs;
};

#define TRAP_CS(t)        ((u16)(t)->cs_slot)
#define TRAP_FROM_USER(t) (((t)->cs_slot & 3) == 3)

void context_switch(struct context *ctx) __attribute__((noreturn));

/* Goes back to where t came from, by HYPERVISOR_iret. */
void trap_return(const struct trap *t) __attribute__((noreturn));
/* frame.c of this width: has_error to ss, and ARCH_TRAP_FIELDS, by the slots from the lowest. */
void trap_read_frame(struct trap *t, const ul *slot);

void trap_init(void);
ul trap_stub(int entry);
/* Registers one vector with the given DPL and flags of struct trap_info. */
void trap_set(int vector, int dpl, bool mask_events);

/* The last trap of a PROBE; entry is X_NONE if there was none. */
extern struct trap last_trap;
extern ul trap_resume_rip;
extern int trap_count;
void trap_arm(void);
/* error < 0: no error code was pushed. */
bool trap_is(const struct trap *t, int entry, long error);
/* Prints "#GP[0x18]" or "none" and compares. */
void check_trap(const char *name, int vector, long error);
void fact_trap(const char *name);
const char *trap_name(const struct trap *t);

/* For VCPUOP_initialise: the kernel's, with events to our entry, ready to run entry() which never
 * returns. */
struct vcpu_guest_context;
void vcpu_context(struct vcpu_guest_context *c, void (*entry)(void), void *stack_end);
/* Initialises the vCPU with it and takes it up. */
long vcpu_begin(u32 vcpu, const struct vcpu_guest_context *c);
/* What a vCPU other than 0 ends with. */
void vcpu_end(u32 vcpu) __attribute__((noreturn));

/* Called first for each entry, may change t; true = return to t with HYPERVISOR_iret. */
extern bool (*trap_hook)(struct trap *t);

/*
 * PROBE("insn", outputs, inputs, clobbers): runs it; a trap resumes behind it, and last_trap tells.
 * The instruction must not use label 9.
 */
#define PROBE(insn, outs, ins, ...)                                                                \
    do {                                                                                           \
        trap_arm();                                                                                \
        asm volatile(FIXUP_AT insn "\n9:\t" FIXUP_OFF:outs:ins : "memory", "cc", ##__VA_ARGS__);   \
    } while (0)
#define NONE
/* One access of four bytes, a call, a jump. */
#define PROBE_READ(va)  PROBE("mov (%0), %%eax", NONE, "r"((ul)(va)), "eax")
#define PROBE_WRITE(va) PROBE("mov %%eax, (%0)", NONE, "r"((ul)(va)))
#define PROBE_CALL(va)  PROBE("call *%0", NONE, "r"((ul)(va)))
#define PROBE_JUMP(va)  PROBE("jmp *%0", NONE, "r"((ul)(va)))
/* For more than one operand in a place of PROBE. */
#define LIST(...) __VA_ARGS__

#endif
