/* SPDX-License-Identifier: MIT */
/* The shim's own command line: words separated by spaces, "word" or "word=value". */
#ifndef SHIM_CMDLINE_H
#define SHIM_CMDLINE_H

#include "types.h"

struct cmdline {
    bool debug;                /* "debug": printk to port 0xe9 */
    bool stats;                /* "stats": numbers on the console before the guest starts */
    bool two_level;            /* "evtchn=2l": no FIFO events for the guest */
    bool guest_cmdline_module; /* "cmdline=module": the last module is the guest's command line */
    u64 max_mem; /* "mem=SIZE[KMG]": bytes the guest may have at most; 0 = all there is */
    u32 max_vcpus;
    /* Names; empty = the word was not given. */
    char evtchn[8];   /* "evtchn=percpu|vector|gsi|intx|pic" forces a rung; else by probing */
    char runstate[8]; /* "runstate=phys|va|poll", see runstate.h */
    char clock[12];   /* "clock=pvclock|runstate", see clock.h */
    char console[8];  /* "console=pv|com1|both", see guestcon.h */
    char isolate[4];  /* "isolate=yes|no", see isolate.h */
    char verw[4];     /* "verw=yes|no", see speculation.h */
    char l0[8];       /* "l0=3.4": answers of an older Xen, see l0_model.h; for tests */
    char test[16];    /* "test=NAME": a fault made on purpose; see docs/HACKING.md */
    char unknown[40]; /* the first word that means nothing to us, cut to what fits */
};

/* Returns NULL, or the first word that means nothing to us (c->unknown); parsing goes on behind it,
 * since a stray word must not keep a guest from booting.  The image's own name as first word is
 * none. */
const char *cmdline_parse(struct cmdline *c, const char *s);

#endif
