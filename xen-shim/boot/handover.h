/* SPDX-License-Identifier: MIT */
/*
 * How a program in L0's dom0 hands a saved PV guest over to a shim that waits for it.  Included by
 * the shim (adopt.c) and by sidecar-load (sidecar/load/), which both may be of other word sizes:
 * fixed widths, no padding, little endian.
 *
 * 1. Before the HVM domain's first instruction dom0 writes HANDOVER_KEY "wait" below the domain's
 *    own directory in xenstore.  The shim builds no guest then, but takes what it needs, lays a
 *    struct handover into a frame, and answers HANDOVER_KEY "ready GFN" (decimal).
 * 2. The program fills frames of `run`, each at most once, lowest first, with the guest's pages:
 *    page tables hold GFNs, without U where bit 52 is (Xen's mark of the kernel's own), and the
 *    guest's p2m list says which frame is which.  It leaves a struct handover_guest with all that
 * it points to in one run of frames of its own, sets `guest`, then `state` to HANDOVER_GO.
 * 3. The shim checks it all, and takes over: HANDOVER_KEY "taken" and then HANDOVER_TAKEN just
 *    before the first instruction, or HANDOVER_REFUSED with `why` and HANDOVER_KEY "refused".
 *    Frames of `run` that are in no word of the p2m list go back to L0.
 */
#ifndef SHIM_HANDOVER_H
#define SHIM_HANDOVER_H

#define HANDOVER_KEY     "data/xen-shim-restore"
#define HANDOVER_MAGIC   0x7265766f646e6148ULL /* "Handover" */
#define HANDOVER_VERSION 2

#define HANDOVER_WAIT    1u
#define HANDOVER_GO      2u
#define HANDOVER_TAKEN   3u
#define HANDOVER_REFUSED 4u

struct handover_run {
    unsigned long long first, count; /* GFNs */
};

#define HANDOVER_RUNS 240

/* Words of CPUID: X(leaf, subleaf, register: 0 EAX .. 3 EDX). */
#define HANDOVER_FEATURES(X)                                                                       \
    X(1, 0, 2)                                                                                     \
    X(1, 0, 3)                                                                                     \
    X(7, 0, 1)                                                                                     \
    X(7, 0, 2)                                                                                     \
    X(7, 0, 3)                                                                                     \
    X(7, 1, 0)                                                                                     \
    X(0xd, 1, 0)                                                                                   \
    X(0x80000001, 0, 2)                                                                            \
    X(0x80000001, 0, 3)                                                                            \
    X(0x80000008, 0, 1)

/* One page, the shim's. */
struct handover {
    unsigned long long magic;
    unsigned int version, state;
    unsigned int nr_vcpus;   /* of the domain */
    unsigned int widths;     /* 4 or 8: the guest's word size, as the sidecar's kernel has it */
    unsigned long long xcr0; /* what XCR0 may hold; 0: no XSAVE */
    /* Where L0 has the guest's rings: the pages that the guest knows at start_info's PFNs are these
     * frames now, and nothing is written there.  0: L0 has none, the page is an ordinary one. */
    unsigned long long store_gfn, console_gfn;
    unsigned long long free;  /* frames in all runs */
    unsigned long long guest; /* GFN of the struct handover_guest; from the program */
    char why[128];
    unsigned int nr_runs, reserved;
    unsigned int feature[10]; /* HANDOVER_FEATURES, as the guest sees them in this domain */
    struct handover_run run[HANDOVER_RUNS];
};

/* From here on all offsets count bytes from the struct handover_guest, and are multiples of 8. */
struct handover_guest {
    unsigned long long magic;
    unsigned int version, width; /* of a word of the guest's: 4 or 8 */
    unsigned long long bytes;    /* all of it; `pages` frames from that of the struct */
    unsigned long long pages;
    unsigned long long nr_pages;  /* highest PFN + 1: words of the p2m list */
    unsigned long long populated; /* of them with a frame */
    /* The p2m list's frames in its order; the same may be there more than once. */
    unsigned long long p2m, nr_p2m;    /* offset, count of unsigned long long: GFNs */
    unsigned long long pin, nr_pins;   /* of unsigned long long: GFN | level << 60 */
    unsigned long long vcpu, nr_vcpus; /* of struct handover_vcpu: those that were up, 0 first */
    unsigned long long shared_info;    /* offset; the page as it was saved */
};

struct handover_msr {
    unsigned int index, reserved;
    unsigned long long value;
};

struct handover_vcpu {
    unsigned int id, reserved;
    /* struct vcpu_guest_context, or its 32-bit form; GDT frames, CR3 and CR1 hold GFNs, and vCPU
     * 0's RDX that of start_info, in which nothing is changed but that store_mfn and console.mfn
     * are still the PFNs. */
    unsigned long long context, context_bytes;
    /* As the stream has it: u64 xcr0, u64 xcr0_accum, the area in standard form; or 0 bytes. */
    unsigned long long xsave, xsave_bytes;
    unsigned long long msr, nr_msrs; /* of struct handover_msr */
    /* What XEN_DOMCTL_get_ext_vcpucontext says beyond the context. */
    unsigned long long syscall32_eip, sysenter_eip;
    unsigned short syscall32_cs, sysenter_cs;
    unsigned char syscall32_masks_events, sysenter_masks_events, has_ext, reserved2;
};

#endif
