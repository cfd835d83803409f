/* SPDX-License-Identifier: MIT */
/* A guest that is saved and restored: main.c. */
#ifndef SAVER_H
#define SAVER_H

#include "guest.h"

/* xenstore, by the ring that start_info names now; asks and waits. */
void store_init(void);
/* The value of a path of the domain's own, at most size - 1 characters; false: there is none. */
bool store_read(const char *path, char *value, ul size);
void store_write(const char *path, const char *value);

/* What has to outlive a save: made once, and looked at after each restore. */
void state_make(void);
void state_check(void);
/* In a new domain, before that: what a kernel asks the hypervisor for anew. */
void state_again(void);

/* balloon.c. va: of a page without a mapping; target: KiB that the toolstack wants the domain to
 * have. */
void balloon_init(ul va);
void balloon_to(ul target);
void balloon_check(void);

/* vCPU 1 counts as long as it runs. */
void other_start(void);
void other_again(void);
void other_check(void);

#endif
