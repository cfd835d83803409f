/* SPDX-License-Identifier: MIT */
/*
 * An L0 that answers as an older Xen: for tests on the one that is there.  The word `l0=3.4` (or
 * another name of the table) makes the funnel of l0.c ask here before and after every call, so
 * that nothing reaches the host that the older version doesn't have.  Facts: docs/L0.md, which a
 * unit test compares with the table.
 *
 * Not modelled, as it is below the hypercalls: 3.4 doesn't wake another vCPU than 0 for an event,
 * has no 1 GiB pages, and its vcpu_time_info is in the host's TSC.  The shim uses none of these
 * where the features that the model shows leave it no right to.
 */
#ifndef SHIM_L0_MODEL_H
#define SHIM_L0_MODEL_H

#include "types.h"

/* Calls of one number, by sub-operation; index: L0_SLOT_*. */
enum l0_slot {
    L0_SLOT_MEMORY,
    L0_SLOT_VERSION,
    L0_SLOT_GRANT,
    L0_SLOT_VCPU,
    L0_SLOT_SCHED,
    L0_SLOT_EVENT,
    L0_SLOT_HVM,
    L0_SLOTS
};
#define L0_MAX_OP 32

struct l0_model {
    const char *name;
    u32 version;       /* as XENVER_version gives it */
    u32 features;      /* of XENFEAT_*, submap 0: what may be shown */
    u32 cpuid_leaves;  /* highest leaf above the base */
    u32 hvm_params;    /* number of HVM parameters */
    u32 ops[L0_SLOTS]; /* bit n: sub-operation n exists */
    bool vector;       /* callback type 2 delivers; else it "succeeds" and turns delivery off */
    bool orders;       /* reservation calls with an extent order above 0 do something */
    bool wallclock;    /* shared_info has the wall clock before somebody sets a clock */
    bool rtc_late;     /* the clock chip's first second takes two */
    bool vcpu_info;    /* VCPUOP_register_vcpu_info does not always say EINVAL */
};

extern const struct l0_model l0_models[];
extern const unsigned int l0_nr_models;

/* By the word's value; NULL when there is none of that name. */
const struct l0_model *l0_model_find(const char *name);

/* Which of the modelled calls is this?  L0_SLOTS when it is none: no old version has it. */
enum l0_slot l0_slot(u32 nr);
/* Sub-operation of a call in that slot by its first argument, at most L0_MAX_OP - 1. */
u32 l0_op(enum l0_slot slot, u64 a1);
/* The name of a slot, as docs/L0.md has it. */
const char *l0_slot_name(enum l0_slot slot);

/* Before the call: true when the model answers itself, with *rc.  May change what is passed on. */
bool l0_model_before(const struct l0_model *m, u32 nr, u64 a1, u64 a2, s64 *rc);
/* After it: takes away what the model does not have from the answer. */
void l0_model_after(const struct l0_model *m, u32 nr, u64 a1, u64 a2, s64 *rc);

#endif
