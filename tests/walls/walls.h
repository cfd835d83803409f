/* SPDX-License-Identifier: MIT */
/*
 * walls: what user mode of a guest can try against its kernel, as a program for the guest.
 *
 *   walls fuzz SEED COUNT [FIRST]   random cases; the same seed gives the same cases
 *   walls show SEED NUMBER          a case's registers, stack, data and LDT, without running it
 *   walls scan                      every selector, by LAR, LSL and far transfers
 *   walls proofs                    one line for each rule of the walls
 *
 * A case is a state of the CPU and of a little memory at fixed addresses. A child enters it by
 * sigreturn, and its first signal is its outcome: number, code, the kernel's idea of the fault, all
 * registers, a hash of the memory. Nothing in a line depends on time or on the machine, so the
 * lines of two hypervisors can be compared.
 */
#ifndef WALLS_H
#define WALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE 4096ul

/* What user mode may set in RFLAGS, but TF: CF to OF, NT, AC, ID. */
#define FLAG_ANY 0x244cd5u

/* The same addresses in every case, below 2^32 so that 32-bit code reaches them. */
#define CODE      0x10000000ul /* page 0 RWX, page 1 as the case says, then nothing */
#define DATA      0x20000000ul /* two pages, then nothing */
#define READ_ONLY 0x21000000ul
#define NO_ACCESS 0x22000000ul
#define STACK     0x30000000ul /* two pages, then nothing */
#define UNMAPPED  0x40000000ul
#define RECORD    0x700000000000ul /* shared with the parent: the outcome, the handlers' stack */
#define CANARY                                                                                     \
    0x700000100000ul /* a page whose address in the kernel's map of memory is canary_alias */

/* Registers in the order of the signal frame's gregs (<sys/ucontext.h>). */
enum { R8, R9, R10, R11, R12, R13, R14, R15, RDI, RSI, RBP, RBX, RDX, RAX, RCX, RSP, NR_GPRS };

enum page { PAGE_RWX, PAGE_RW, PAGE_NONE, PAGE_HOLE };
enum ports { PORTS_NONE, PORTS_SOME, PORTS_IOPL };

#define MAX_LDT 4
struct ldt_entry {
    uint32_t number, base, limit, flags; /* flags as in struct user_desc */
};

struct state {
    const char *kind;
    uint64_t gpr[NR_GPRS], rip, rflags;
    uint16_t cs, ss, ds_es;
    bool strict_ss; /* SS is taken as it is */
    uint8_t code[2 * PAGE];
    uint32_t code_at, code_len; /* in code[] */
    uint32_t iret_end;          /* 0, or where the one IRET ends whose frame is known */
    enum page second;           /* of the code */
    uint64_t stack_at;          /* 32 words are put there */
    uint64_t stack[32], data[32];
    struct ldt_entry ldt[MAX_LDT];
    uint32_t nr_ldt;
    bool nobody, no_tsc, no_cpuid;
    enum ports ports;
};

/* What became of a case; lies in RECORD. */
struct outcome {
    volatile uint32_t seen; /* by the handler */
    int sig, code;
    uint64_t addr, trapno, err, cr2, rip, rflags, csgsfs, gpr[NR_GPRS], fs_base, gs_base;
    uint16_t ds, es;
    uint64_t hash, data[4]; /* the first words at DATA */
    int syscall_nr;
    uint32_t syscall_arch;
    int ldt_rc[MAX_LDT], ports_rc, tsc_rc, cpuid_rc;
    int status; /* of the child, from wait */
};

/* Ports that PORTS_SOME gives. */
#define PORT_FIRST 0x80
#define PORT_COUNT 0x20

/* run.c */
void run_init(void);
const struct outcome *run_case(const struct state *s);
/* print.c: the case, the outcome; no end of line. Registers that still are what they were aren't
 * shown. */
void print_case(const struct state *s);
void print_registers(const struct state *s);
void print_outcome(const struct state *s, const struct outcome *o);
extern uint64_t canary_alias; /* 0 when it couldn't be found */
void canary_fill(void);
bool canary_intact(void);
/* A state that runs `len` bytes at the start of the code page, as 64-bit code with quiet registers.
 */
void state_plain(struct state *s, const void *code, uint32_t len);

/* gen.c */
struct rng {
    uint64_t state;
};
uint64_t rnd(struct rng *r);
uint32_t below(struct rng *r, uint32_t n);
void generate(struct state *s, uint64_t seed, uint64_t number);

/* insns.c */
void emit_kind(struct state *s, struct rng *r, uint32_t kind, int bits);
uint32_t nr_kinds(void);
const char *kind_name(uint32_t kind);
uint64_t any_address(struct rng *r);
uint16_t any_selector(struct rng *r);

/* scan.c: what one try in this process ended in. */
struct attempt {
    volatile int sig; /* 0: nothing happened */
    volatile uint64_t trapno, err, cr2, rip, cs;
};
enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_JUMP };
void attempts_init(void);
struct attempt attempt_access(enum access how, uint64_t addr);
struct attempt attempt_far(bool call, uint16_t sel, uint64_t offset);
void scan(void);

/* proofs.c: the number of rules that don't hold. */
int proofs(void);

#endif
