/* SPDX-License-Identifier: MIT */
/*
 * A saved PV guest goes on here instead of the sidecar's kernel (handover.h).  Start to end, all
 * from main.c, on vCPU 0.
 */
#ifndef SHIM_ADOPT_H
#define SHIM_ADOPT_H

#include "build.h"
#include "cmdline.h"

struct handed;

/* handover.c.  Has dom0 asked for it?  One look into xenstore. */
bool handover_wanted(void);
/* Offers all memory that is left, and comes back when a guest is there that can be used.  From now
 * on the shim takes no more memory. */
struct handed *handover_wait(const struct cmdline *c);
/* Says why not, and waits for the end of the domain: whoever saved the guest has it still. */
void __noreturn handover_refuse(const char *why);
/* Tells xenstore, before the first vCPU runs: whoever finds there that the guest isn't taken may
 * restore it elsewhere. */
void handover_taken(void);
/* The description isn't needed any more, and vCPU 0 runs next. */
void handover_done(void);

/* Frees the loader's modules and takes the guest over as build_guest makes one, but for: */
void adopt_guest(struct build_result *out, const struct boot_info *boot, struct share share,
                 const struct cmdline *c);
/* its shared_info, when the vCPUs have theirs in it */
void adopt_shared_info(void);
/* and, when all is connected with L0, its time, start_info, the other vCPUs, what wasn't used. */
void adopt_start(struct vcpu *v);

#endif
