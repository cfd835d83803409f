/* SPDX-License-Identifier: MIT */
/*
 * User mode. Everything in section .user is mapped at USER_BASE with U set, in the kernel's tree
 * and, with 64 bits, in a user L4 of its own (they share the L3), together with a stack page. The
 * snippets are position independent. user_run() enters one and returns at the next entry to the
 * kernel, whatever it is.
 */
#ifndef GUEST_USER_H
#define GUEST_USER_H

#include "trap.h"

#define USER_BASE  0x40000000UL
#define USER_STACK 0x40100000UL /* one page below this */

extern u8 _user_start[], _user_end[];
#define user_addr(sym) (USER_BASE + ((ul)(sym) - (ul)_user_start))

/* USER_CODE(name, "instructions") defines a snippet. */
#define USER_CODE(name, insns)                                                                     \
    extern u8 name[];                                                                              \
    asm(".pushsection .user, \"awx\"\n.globl " #name "\n" #name ":\n" insns "\n.popsection")

void user_init(void);
extern u64 *user_l4; /* with 64 bits */
/* Where frames from user mode begin. */
extern ul kernel_stack_end;
extern u64 *user_l1; /* maps USER_BASE .. +2M */
/* A context for user mode: rip at the snippet, events unmasked, other registers zero. */
struct context user_context(ul rip);
/* Returns how it came back; valid until the next call. */
struct trap *user_run(struct context *ctx);
struct trap *user_run_at(ul rip);
#if GUEST_BITS == 32
/* The same without the hypercall, events masked or not as they are. */
struct trap *user_run_native(const struct context *ctx);
#endif
struct trap *user_run_with(const void *code, ul rdi, ul rsi);
/* As check_trap and fact_trap, of what ended user mode. */
void check_user(const char *name, const struct trap *t, int entry, long error);
void fact_user(const char *name, const struct trap *t);
extern bool user_active;
void user_leave(void) __attribute__((noreturn));
extern struct trap user_exit;

#endif
