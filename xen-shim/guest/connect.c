// SPDX-License-Identifier: MIT
/* See connect.h. */
#include "connect.h"

#include "cpu.h"
#include "cpuid_cache.h"
#include "evtchn.h"
#include "guest.h"
#include "guest_time.h"
#include "guestcon.h"
#include "held.h"
#include "l0.h"
#include "presence.h"
#include "shim.h"
#include "unplug.h"

static const struct cmdline *words;

/* go_on: the guest's time, in nanoseconds, or NULL when it begins. */
static void connect(struct vcpu *v, mfn_t console, const u64 *go_on)
{
    own_claim();
    upcall_init(words->evtchn);
    guestcon_start(console);
    upcall_init_vcpu(v);
    runstate_init(v, words->runstate);
    clock_init(words->clock);
    if (go_on)
        clock_continue(*go_on);
    own_connect();
    clock_force_refresh(v);
    clock_wallclock();
    idle_init();
}

void connect_first(const struct cmdline *c, mfn_t console)
{
    words = c;
    connect(current(), console, NULL);
}

void connect_vcpu(struct vcpu *v)
{
    upcall_init_vcpu(v);
    runstate_init_vcpu(v);
    clock_force_refresh(v);
}

/* As on Xen: what the guest registered for this vCPU is gone, it has the tick of a new one, and the
 * guest must register anew.  A vCPU that was down must be initialised anew, too. */
static void forget_registrations(struct vcpu *v)
{
    u64 frame = ((u64)v->vi - DIRECT_MAP) >> PAGE_SHIFT;

    v->vi_registered = false;
    vcpu_info_init(v);
    release_frame(frame);
    v->runstate_area = v->time_area = 0;
    v->clock = (struct time_line){0};
    timer_init_vcpu(v);
    if (!v->up)
        v->initialised = false;
}

static void start_again(struct vcpu *v)
{
    runstate_resume(v);
    cpu_enable_faulting();
    if (v->up)
        timer_start(v);
    upcall_scan(v);
}

static void connect_info(u32 vcpu)
{
    if (vcpu_info_connect(vcpu))
        refuse("this host has no events for vCPUs beyond %u", XEN_LEGACY_MAX_VCPUS - 1);
}

void connect_again(u64 ns)
{
    struct vcpu *v = current();

    l0_connect_again();
    ports_clean(l0_shared);
    for (u32 i = 0; i < nr_vcpus; i++)
        if (!vcpu_of(i)->started) /* the others do it themselves; vCPU 0 needs none */
            connect_info(i);
    guest.domid = l0_domid();
    cpuid_cache_drop();
    cpu_probe_msrs();
    platform_unplug();
    event_disconnected();
    event_clean();
    for (u32 i = 0; i < nr_vcpus; i++)
        forget_registrations(vcpu_of(i));

    guestcon_choose_again();
    connect(v, guestcon_frame(), &ns);
    presence_tell(false);
    start_again(v);
}

void reconnect_vcpu(struct vcpu *v)
{
    connect_info(v->id);
    connect_vcpu(v);
    start_again(v);
}
