// SPDX-License-Identifier: MIT
/* See stats.h. */
#include "stats.h"

#include "evtchn.h"
#include "guest.h"
#include "guest_time.h"
#include "isolate.h"
#include "l0.h"
#include "ram.h"
#include "shim.h"
#include "speculation.h"
#include "vcpu.h"

static bool enabled;

extern u8 image_start[], data_end[];
extern const char shim_ident[]; /* ident.S */

void stats_enable(void)
{
    enabled = true;
}

void stats_start(u64 ticks)
{
    if (!enabled)
        return;
    report("stat kept_bytes=%lu",
           (ram.frames - ram.returned - (guest.nr_pages - guest.special_pages)) << PAGE_SHIFT);
    report("stat image_bytes=%lu", (u64)(data_end - image_start));
    report("stat boot_ticks=%lu", ticks);
    report("stat guest_pages=%lu", guest.nr_pages);
    report("stat vcpus=%u", nr_vcpus);
    report("stat evtchn=%s", upcall_name());
    report("stat version=%s", shim_ident);
    report("stat runstate=%s", runstate_name());
    report("stat clock=%s", clock_name());
    report("stat wallclock=%u.%09u", guest.wc[1], guest.wc[2]);
    report("stat isolate=%s", isolate ? "yes" : "no");
    report("stat verw=%s", verw ? "yes" : "no");
}

/* Of L0's ports, how many lead out of the domain, and how many are held for the number of an IPI or
 * a VIRQ only.  (One more is the console's, where the shim is the ring's other end.) */
static void report_ports(void)
{
    u32 l0_ports = 0, reserved = 0, own = 0;

    for (u32 p = 1; p < ports_end; p++)
        if (port_get(p).kind == PORT_L0)
            l0_ports++;
        else if (port_valid(p) && port_get(p).kind != PORT_SHIM)
            *(p < NR_PORTS ? &reserved : &own) += 1;
    report("stat events=%s l0_ports=%u reserved=%u own=%u", fifo_on ? "fifo" : "2-level", l0_ports,
           reserved, own);
}

void stats_end(void)
{
    if (!enabled)
        return;
    report_ports();
    l0_report_calls();
}
