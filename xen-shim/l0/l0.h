/* SPDX-License-Identifier: MIT */
/*
 * The outer Xen: finding it, and the one funnel through which every call to it goes.
 * Facts by probing, never by version.  Errors are the ABI's: negative XEN_Exxx.
 */
#ifndef SHIM_L0_H
#define SHIM_L0_H

#include "xen_abi.h"

struct l0_facts {
    u32 version;                /* major << 16 | minor */
    u32 cpuid_base;             /* 0x40000000, or higher when the domain has viridian leaves */
    u32 cpuid_top;              /* highest leaf, 3.4 ends at base + 2 */
    u32 features;               /* XENVER_get_features, submap 0 */
    u64 store_mfn, console_mfn; /* 0 = none */
    u32 store_evtchn, console_evtchn;
};
extern struct l0_facts l0;

/* main.c, once: refuses when there is no Xen.  Installs the hypercall page in 64-bit mode, which
 * also tells L0 to use the 64-bit layout of shared_info. */
void l0_init(void);

/* connect.c, in a new domain instance: the same without what memory has kept. */
void l0_connect_again(void);

/* main.c, when the command line is known: from now on L0 answers like the Xen of that name
 * (l0_model.h); "" = as it is.  Refuses an unknown name. */
void l0_use_model(const char *name);

/* Event mask and pending words as L0 sees them. */
extern struct shared_info *l0_shared;

/* An unused GFN to map something of L0's at; never RAM.  Returns 0 when there are no more. */
mfn_t l0_unused_gfn(void);
bool l0_is_shared_gfn(mfn_t gfn); /* was it given by l0_unused_gfn()? */
/* XENMAPSPACE_* object idx at gfn.  0 or -XEN_Exxx. */
s64 l0_map(u32 space, u64 idx, mfn_t gfn);

/* Every call goes through here; -XEN_ENOSYS without a second try for what L0 does not have. */
s64 l0_call(u32 nr, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5);
#define l0_call2(nr, a, b)    l0_call(nr, (u64)(a), (u64)(b), 0, 0, 0)
#define l0_call3(nr, a, b, c) l0_call(nr, (u64)(a), (u64)(b), (u64)(c), 0, 0)

static inline s64 l0_evtchn(u32 op, void *arg)
{
    return l0_call2(__HYPERVISOR_event_channel_op, op, arg);
}

static inline s64 l0_vcpu_op(u32 op, u32 vcpu, void *arg)
{
    return l0_call3(__HYPERVISOR_vcpu_op, op, vcpu, arg);
}

/* To others who want the CPU, of this domain or not. */
static inline void l0_yield(void)
{
    l0_call2(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
}

/* One that the toolstack opened, for xenstore or the console: it isn't the guest's to close. */
static inline bool l0_toolstacks_port(u32 port)
{
    return port == l0.store_evtchn || port == l0.console_evtchn;
}

static inline s64 l0_notify(u32 port)
{
    struct evtchn_send send = {.port = port};
    return l0_evtchn(EVTCHNOP_send, &send);
}

/* XENMEM_decrease_reservation or populate_physmap for the first n of these; how many were done, or
 * an error.  At start (pod.c), then under memory.c's lock. */
#define L0_BATCH 512 /* no fewer pages than in the largest extent */
extern u64 l0_batch[L0_BATCH];
s64 l0_reservation(u32 op, u64 n, u32 order);

/* HVM parameter of this domain. */
s64 l0_set_param(u32 index, u64 value);

/* Ends the domain with SHUTDOWN_*; does not come back but for SHUTDOWN_suspend. */
s64 l0_shutdown(u32 reason);

/* This domain's number, or 1 where L0 doesn't tell: never 0, as old kernels take domain 0 for the
 * control domain. */
u32 l0_domid(void);

/* XEN_HVM_CPUID_*, the flags of the leaf for HVM domains; 0 before Xen 4.6. */
u32 l0_hvm_flags(void);

static inline bool l0_has(u32 xenfeat)
{
    return l0.features >> xenfeat & 1;
}

/* L0's wall clock at its system time 0, nanoseconds since 1970.  False where L0 has none for HVM
 * domains: 3.4 leaves it at 0. */
bool l0_wallclock(u64 *ns);
/* The same, once L0 was made to write it: false unless it has since that version. */
bool l0_wallclock_since(u32 version, u64 *ns);
/* Nanoseconds that the clock chip is late by; 0 but for a model of an older Xen. */
u64 l0_rtc_delay(void);

/* How often each kind of call was made, a line each; "absent" when L0 does not know it.  For the
 * word "stats", when the domain ends. */
void l0_report_calls(void);

#endif
