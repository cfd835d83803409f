/* SPDX-License-Identifier: MIT */
#ifndef GUEST_MMUEXT_H
#define GUEST_MMUEXT_H

#include "guest.h"

extern u64 *data;

/* Tables of one tree from the lowest level up, with the command that pins each. */
struct level {
    const char *name;
    unsigned cmd;
    u64 *table;
};
void pin_levels(const struct level *levels, int n);
void unpin_levels(const struct level *levels, int n);
/* They are plain memory again. */
void reuse_levels(const struct level *levels, int n);

/* On a top table of the guest's own, in which the window has the data page first. */
void check_own_top(const u64 *top, const struct window *w);
/* Back to the old one. */
void leave_own_top(const u64 *old, const struct window *w);
/* A base pointer needs no pin; thereafter the table is plain memory. */
void check_unpinned_top(u64 *top, const u64 *old, const struct window *w);
void check_bad_top(void);

/* x64_pin.c, x32_pin.c */
void test_pin_levels(void);
void test_baseptr(void);

#endif
