/* SPDX-License-Identifier: MIT */
/*
 * A domain with memory below maxmem: the loader's map shows maxmem, and L0 finds a page when it's
 * touched (populate on demand, since 3.4) until there are no more, and then kills the domain.  A
 * PV guest has none of that: it has `memory`, and may ask for more.
 */
#ifndef SHIM_POD_H
#define SHIM_POD_H

#include "types.h"

/*
 * Whether this is such a domain, and how its pages are found. From main.c, once, before the first
 * page is used.
 *
 * L0s of before 4.0 find a page that is touched through nested paging, and then end the domain all
 * the same; what their hypercalls write to, they find and go on (ram_find). That can't be tried, so
 * it goes by another change of 4.0.
 */
void pod_init(void);
/* Gives frames that L0 has no memory for back to it, and touches all others, so that none is left
 * to be found on demand. After frames_init, from main.c, once; refuses if too little is left. */
void pod_settle(void);

/* MiB that the domain has, where that is less than the loader's map shows; else 0. */
extern u64 pod_mib;
/* Gives so many free frames back to L0, as far as it takes them. */
void pod_give_back(u64 frames);
/* The same of these, which needn't be free. */
void pod_give_back_all(mfn_t start, mfn_t end);

#endif
