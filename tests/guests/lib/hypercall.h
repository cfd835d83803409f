/* SPDX-License-Identifier: MIT */
/* Hypercalls, and the public ABI as Debian's libxen-dev has it. */
#ifndef GUEST_HYPERCALL_H
#define GUEST_HYPERCALL_H

#include "types.h"

#define __XEN_INTERFACE_VERSION__ 0x00040d00
#include <xen/xen.h>
#include <xen/callback.h>
#include <xen/event_channel.h>
#include <xen/features.h>
#include <xen/memory.h>
#include <xen/nmi.h>
#include <xen/physdev.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

enum {
#define XEN_ERRNO(name, value) XEN_##name = value,
#include <xen/errno.h>
};

long hypercall(ul nr, ul a1, ul a2, ul a3, ul a4, ul a5);
long hypercall_by_page(ul nr, ul a1, ul a2, ul a3, ul a4, ul a5);

/* hc(set_gdt, frames, n): hypercall by ABI name with up to five arguments of any scalar type. */
#define hc(name, ...)                  hc_nr(__HYPERVISOR_##name, ##__VA_ARGS__)
#define hc_nr(nr, ...)                 hc_pad(nr, ##__VA_ARGS__, 0, 0, 0, 0, 0)
#define hc_pad(nr, a, b, c, d, e, ...) hypercall(nr, (ul)(a), (ul)(b), (ul)(c), (ul)(d), (ul)(e))

#include "arch.h"

#define BAD_MADDR ((u64)BAD_FRAME << 12)

extern u8 hypercall_page[4096];

#endif
