/* SPDX-License-Identifier: MIT */
/*
 * Printing and results. Every line "check NAME: VALUE" is compared between the hypervisors, so a
 * value must never be an address, a time or anything else that may vary.
 */
#ifndef GUEST_CHECK_H
#define GUEST_CHECK_H

#include "hypercall.h"

/* Each test defines this. */
void test_main(void);

void console_init(void);
void console_flush(void);
void print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Prints what the guest saw, with no opinion: only the comparison judges it. */
void fact(const char *name, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Prints what the guest saw; fails the test, and says so, when !ok. */
void check(const char *name, bool ok, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void check_true(const char *name, bool ok);
void check_hex(const char *name, u64 got, u64 want);
void check_num(const char *name, long got, long want);
/* A hypercall's result: errors are shown by name. */
void check_rc(const char *name, long got, long want);
void fact_hex(const char *name, u64 got);
void fact_rc(const char *name, long got);

/* Ends the test at once as SKIP. */
void skip(const char *why) __attribute__((noreturn));
void panic(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void finish(void) __attribute__((noreturn));

#endif
