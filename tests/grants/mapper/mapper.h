/* SPDX-License-Identifier: MIT */
#ifndef MAPPER_H
#define MAPPER_H

#include "grant.h"

/* bench.c, for the word `bench`: times maps of these references of dom0's, and events. */
void bench(const u32 *refs, struct window w);

/* main.c. The mailbox, granted by an entry of that version of the table, is filled on return; then
 * n of dom0's pages are mapped and unmapped at place(0) and on: how many are. */
#define PAGES 300
void open_mailbox(volatile void *table, unsigned version);
int map_list(u32 flags, unsigned n);
int unmap_list(unsigned n);
ul place(unsigned i);
volatile u32 *word(unsigned i);
void test_list(const char *how, u32 flags);

/* saved.c, for the word `save`: is saved with mappings, and goes on without them. */
void saved(void);

#endif
