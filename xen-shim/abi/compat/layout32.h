/* SPDX-License-Identifier: MIT */
/*
 * The structures that a 32-bit guest passes, where they differ from a 64-bit one's: handles and
 * longs have 4 bytes, and 64-bit words are aligned to 4.  Those of <xen/foreign/x86_32.h> come from
 * there; the others are here, with the names of the public headers' and _x86_32 behind, as there.
 * tests/unit/compat/ compares every offset with what a compiler for 32 bits makes of the headers.
 */
#ifndef SHIM_LAYOUT32_H
#define SHIM_LAYOUT32_H

#include "xen_abi.h"

#include <xen/foreign/x86_32.h>

typedef u64 __attribute__((aligned(4))) u64_x86_32;

struct multicall_entry_x86_32 {
    u32 op, result, args[6];
};

struct mmuext_op_x86_32 {
    u32 cmd;
    u32 arg1; /* mfn, linear_addr */
    u32 arg2; /* nr_ents, vcpumask, src_mfn */
};

struct xen_memory_reservation_x86_32 {
    u32 extent_start;
    u32 nr_extents;
    u32 extent_order;
    u32 mem_flags;
    u16 domid;
};

struct xen_memory_exchange_x86_32 {
    struct xen_memory_reservation_x86_32 in, out;
    u32 nr_exchanged;
};

struct xen_memory_map_x86_32 {
    u32 nr_entries;
    u32 buffer;
};

struct xen_machphys_mapping_x86_32 {
    u32 v_start, v_end;
    u32 max_mfn;
};

struct gnttab_setup_table_x86_32 {
    u16 dom;
    u32 nr_frames;
    s16 status;
    u32 frame_list;
};

struct gnttab_transfer_x86_32 {
    u32 mfn;
    u16 domid;
    u32 ref;
    s16 status;
};

struct gnttab_copy_ptr_x86_32 {
    u32 u; /* ref, gmfn */
    u16 domid;
    u16 offset;
};

struct gnttab_copy_x86_32 {
    struct gnttab_copy_ptr_x86_32 source, dest;
    u16 len;
    u16 flags;
    s16 status;
};

struct gnttab_get_status_frames_x86_32 {
    u32 nr_frames;
    u16 dom;
    s16 status;
    u32 frame_list;
};

struct sched_poll_x86_32 {
    u32 ports;
    u32 nr_ports;
    u64_x86_32 timeout;
};

struct vcpu_set_singleshot_timer_x86_32 {
    u64_x86_32 timeout_abs_ns;
    u32 flags;
};

struct vcpu_runstate_info_x86_32 {
    u32 state;
    u64_x86_32 state_entry_time;
    u64_x86_32 time[4];
};

struct xen_callback_x86_32 {
    u32 cs, eip;
};

struct callback_register_x86_32 {
    u16 type;
    u16 flags;
    struct xen_callback_x86_32 address;
};

struct xennmi_callback_x86_32 {
    u32 handler_address;
    u32 pad;
};

struct physdev_set_iobitmap_x86_32 {
    u32 bitmap;
    u32 nr_ports;
};

struct physdev_apic_x86_32 {
    u32 apic_physbase;
    u32 reg;
    u32 value;
};

/* The old form: what follows the command is its argument. */
struct physdev_op_x86_32 {
    u32 cmd;
    u32 u[3];
};

struct xen_platform_parameters_x86_32 {
    u32 virt_start;
};

#endif
