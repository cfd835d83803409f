// SPDX-License-Identifier: MIT
/*
 * Save, restore, migration.  L0 keeps the domain's memory, GFN by GFN, and its CPUs and interrupt
 * controllers, so page tables, p2m list and registers need nothing.  What it doesn't keep the shim
 * asks for again (connect.c), and tells the guest as Xen's tools would: in start_info.
 */
#include "suspend.h"

#include "connect.h"
#include "freeze.h"
#include "grant.h"
#include "frames.h"
#include "guest.h"
#include "guest_time.h"
#include "guestcon.h"
#include "l0.h"
#include "map.h"
#include "mmu.h"
#include "shim.h"

#include <xen/foreign/x86_32.h>

static void update_start_info(struct start_info *si)
{
    si->flags = 0;
    si->shared_info = guest.shared_mfn << PAGE_SHIFT;
    si->store_mfn = l0.store_mfn;
    si->store_evtchn = guest.store_port;
    si->console.domU.mfn = guestcon_frame();
    si->console.domU.evtchn = guest.console_port;
}

static void update_start_info32(struct start_info_x86_32 *si)
{
    si->flags = 0;
    si->shared_info = (u32)(guest.shared_mfn << PAGE_SHIFT);
    si->store_mfn = (u32)l0.store_mfn;
    si->store_evtchn = guest.store_port;
    si->console.domU.mfn = (u32)guestcon_frame();
    si->console.domU.evtchn = guest.console_port;
}

void suspend_tell(mfn_t start_info)
{
    if (guest.pv32)
        update_start_info32(mfn_va(start_info));
    else
        update_start_info(mfn_va(start_info));
}

s64 suspend(struct vcpu *v, u64 start_info)
{
    if (v->id || !frame_ok(start_info))
        return -XEN_EINVAL;
    guestcon_flush();
    freeze_others();
    u64 now = clock_now();
    bool anew = l0_shutdown(SHUTDOWN_suspend) == 0;

    if (anew) {
        connect_again(now);
        grant_disconnected();
        suspend_tell(start_info);
        printk("resumed as domain %u of Xen %u.%u\n", guest.domid, l0.version >> 16,
               l0.version & 0xffff);
    }
    thaw_others(anew ? reconnect_vcpu : NULL);
    return !anew;
}
