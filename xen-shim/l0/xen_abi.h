/* SPDX-License-Identifier: MIT */
/* The Xen ABI: libxen-dev's public headers, with what they need defined first. */
#ifndef SHIM_XEN_ABI_H
#define SHIM_XEN_ABI_H

#include "types.h"

#include <xen/xen.h>
#include <xen/callback.h>
#include <xen/elfnote.h>
#include <xen/errno.h>
#include <xen/event_channel.h>
#include <xen/features.h>
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>
#include <xen/nmi.h>
#include <xen/physdev.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#endif
